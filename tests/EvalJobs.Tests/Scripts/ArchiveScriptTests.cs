using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Scripts;

/// <summary>The scripts on the archive: small transactions, whatever the size of a run, and every row in one place.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ArchiveScriptTests<TDatabase> : ScriptFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task Archive_ThenRestore_RestoresTheSameRows()
    {
        var before = await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult");

        await ApplyAsync("30-archive-now", ("@OlderThanDays", 0), ("@TenantSlug", "globex"));
        (await Some.RunsAsync(new RunListFilter { TenantIds = [TestData.Globex.Id] }, 10)).Select(run => run.Id).Should().Equal(7);
        (await Some.Runs.GetAsync(5, default)).Status.Should().Be(RunStatus.Completed, "the product reads it from the archive");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await ApplyAsync("31-restore-from-archive", ("@TenantSlug", "globex"));
        Without("RestoredAt", await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult")).Should().Be(Without("RestoredAt", before));
    }

    [Test]
    public async Task Restore_RunStoppedHalfWay_IsFinished()
    {
        await ApplyAsync("31-restore-from-archive", ("@TenantSlug", "acme"));
        var whole = await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult");
        const string columns = "RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost, IsCut, AskAgain";
        await Database.ExecuteAsync(
            $"INSERT INTO {Database.Schema}TestCaseResultArchive ({columns}) SELECT {columns} FROM {Database.Schema}TestCaseResult WHERE RunId = 1 AND TestCaseId > 1; "
            + $"DELETE FROM {Database.Schema}TestCaseResult WHERE RunId = 1 AND TestCaseId > 1");

        await ApplyAsync("31-restore-from-archive", ("@RunId", 1L));

        Without("RestoredAt", await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult")).Should().Be(Without("RestoredAt", whole));
        (await TestData.SnapshotAsync("TestCaseResultArchive")).Should().BeEmpty();
        (await Some.Changes.ListAsync(null, nameof(EvaluationRun), 1, long.MaxValue, 1, default)).Single().Payload.Should().Be("{\"runs\":0,\"results\":2}");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    /// <summary>Runs 5 (three results) and 6 (one) of globex.</summary>
    [TestCase(1, "0+1 0+1 0+1 1+0 0+1 1+0")]
    [TestCase(2, "0+2 1+1 1+1")]
    [TestCase(4, "1+3 1+1")]
    [TestCase(8, "2+4")]
    public async Task Archive_RowsOfATransaction_StayWithinTheLimitButHaveAtLeastOneRun(int rows, string steps)
    {
        var before = await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult");

        var archived = await AdminScript.Named("30-archive-now").RunAsync(Database, ("@OlderThanDays", 0), ("@TenantSlug", "globex"), ("@Rows", rows), ("@Apply", true));

        archived.Single().Single()["Outcome"].Should().Be("done");
        (await StepsAsync("RUNS_ARCHIVED")).Should().Be(steps);
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        var restored = await AdminScript.Named("31-restore-from-archive").RunAsync(Database, ("@TenantSlug", "globex"), ("@Rows", rows), ("@Apply", true));

        restored.Single().Single()["Outcome"].Should().Be("done");
        Without("RestoredAt", await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult")).Should().Be(Without("RestoredAt", before));
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    [Test]
    public async Task Archive_StoppedInALargeRun_ContinuesThereNextTime()
    {
        var stopped = await ArchiveInPartAsync();

        stopped["Outcome"].Should().Be("done in part: run it again for the rest");
        (await Some.RunsAsync(new RunListFilter { TenantIds = [TestData.Globex.Id] }, 10)).Select(run => run.Id).Should().Contain(5);
        (await Some.Runs.ListResultsAsync(await Some.Runs.GetAsync(5, default), null, 0, 10, default)).Should().HaveCount(3, "readers read both tables");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await ApplyAsync("30-archive-now", ("@OlderThanDays", 0), ("@TenantSlug", "globex"));

        (await Some.RunsAsync(new RunListFilter { TenantIds = [TestData.Globex.Id] }, 10)).Select(run => run.Id).Should().Equal(7);
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();
    }

    [Test]
    public async Task Restore_StoppedInALargeRun_SaysHowToContinue()
    {
        await ApplyAsync("30-archive-now", ("@OlderThanDays", 0), ("@TenantSlug", "globex"));

        var stopped = (await AdminScript.Named("31-restore-from-archive").RunAsync(
            Database, ("@RunId", 5L), ("@Rows", 2), ("@MaxBatches", 1), ("@Apply", true))).Single().Single();

        (Whole(stopped["RunsRestored"]), Whole(stopped["ResultsRestored"]), Whole(stopped["ResultsLeft"]), Whole(stopped["LastRunId"])).Should().Be((1, 2, 1, 5));
        $"{stopped["Outcome"]}".Should().StartWith("done in part: run it again with @RunId = LastRunId");
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await ApplyAsync("31-restore-from-archive", ("@RunId", 5L));

        (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}TestCaseResult WHERE RunId = 5")).Should().Be(3);
    }

    [TestCase(1, "0+1 0+1 0+1 1+0 0+1 1+0")]
    [TestCase(4, "1+3 1+1")]
    public async Task Purge_RowsOfATransaction_StayWithinTheLimitButHaveAtLeastOneRun(int rows, string steps)
    {
        await ApplyAsync("32-purge-archive", ("@OlderThanDays", 90), ("@Rows", rows));

        (await StepsAsync("RUNS_PURGED")).Should().Be(steps);
        (await TestData.SnapshotAsync("EvaluationRunArchive", "TestCaseResultArchive")).Should().BeEmpty();
    }

    [Test]
    public async Task Purge_StoppedInALargeRun_IsNoViolationAndContinuesNextTime()
    {
        var stopped = (await AdminScript.Named("32-purge-archive").RunAsync(Database, ("@OlderThanDays", 90), ("@Rows", 2), ("@MaxBatches", 1), ("@Apply", true))).Single().Single();

        (Whole(stopped["RunsPurged"]), Whole(stopped["ResultsPurged"]), stopped["Outcome"]).Should().Be((0, 2, "done in part: run it again for the rest"));
        (await Invariants.CheckAsync(Database)).Should().BeEmpty();

        await ApplyAsync("32-purge-archive", ("@OlderThanDays", 90));

        (await TestData.SnapshotAsync("EvaluationRunArchive", "TestCaseResultArchive")).Should().BeEmpty();
    }

    [TestCase("30-archive-now", 0)]
    [TestCase("32-purge-archive", 2001)]
    public async Task Rows_OutOfRange_AreRejected(string name, int rows) =>
        (await FluentActions.Awaiting(() => ApplyAsync(name, ("@Rows", rows))).Should().ThrowAsync<AdminScriptException>()).Which.Number.Should().Be(50019);

    [Test]
    public async Task Archive_RowByRow_EqualsTheProductsCleanup()
    {
        await RestoreLongAgoAsync();
        await ApplyAsync("30-archive-now");
        var ours = await TestData.SnapshotAsync("EvaluationRunArchive", "TestCaseResultArchive");
        await RestoreLongAgoAsync();

        await new ArchiveRepository(Database.Database).ArchiveBatchAsync(90, 1000, default);

        Without("ArchivedAt", await TestData.SnapshotAsync("EvaluationRunArchive", "TestCaseResultArchive")).Should().Be(Without("ArchivedAt", ours));
    }

    [Test]
    public async Task Purge_OldRuns_AreDeletedWithTheirResultsAndNothingElse()
    {
        await ApplyAsync("32-purge-archive", ("@OlderThanDays", 101));
        (await TestData.SnapshotAsync("EvaluationRunArchive")).Should().NotBeEmpty("nothing there is that old");

        var live = await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult");
        await ApplyAsync("32-purge-archive", ("@OlderThanDays", 90));

        (await TestData.SnapshotAsync("EvaluationRunArchive", "TestCaseResultArchive")).Should().BeEmpty();
        (await TestData.SnapshotAsync("EvaluationRun", "TestCaseResult")).Should().Be(live);
    }

    [Test]
    public async Task SuiteStatistics_ArchivedRuns_CountInBothTables()
    {
        var statistics = AdminScript.Named("40-suite-statistics");
        var live = await statistics.RunAsync(Database, ("@TenantSlug", "globex"));

        await ArchiveInPartAsync();
        (await statistics.RunAsync(Database, ("@TenantSlug", "globex"))).Should().BeEquivalentTo(live, "half of a run's results may be archived");
        await ApplyAsync("30-archive-now", ("@OlderThanDays", 0), ("@TenantSlug", "globex"));

        (await statistics.RunAsync(Database, ("@TenantSlug", "globex"))).Should().BeEquivalentTo(live);
    }

    /// <summary>Two of run 5's three results.</summary>
    private async Task<IReadOnlyDictionary<string, object?>> ArchiveInPartAsync() => (await AdminScript.Named("30-archive-now").RunAsync(
        Database, ("@OlderThanDays", 0), ("@TenantSlug", "globex"), ("@Rows", 2), ("@MaxBatches", 1), ("@Apply", true))).Single().Single();

    /// <returns>The counts of runs and results in each record of that type, oldest first: "0+2 1+1".</returns>
    private async Task<string> StepsAsync(string type)
    {
        var records = (await Some.Changes.ListAsync(null, null, null, long.MaxValue, 100, default)).Where(record => record.Type == type && record.Actor.StartsWith("sql:", StringComparison.Ordinal));
        return string.Join(' ', records.OrderBy(record => record.Id).Select(record => System.Text.Json.Nodes.JsonNode.Parse(record.Payload, null, default)!).Select(payload => $"{payload["runs"]}+{payload["results"]}"));
    }

    private async Task RestoreLongAgoAsync()
    {
        await ApplyAsync("31-restore-from-archive", ("@TenantSlug", "acme"));
        await Database.ExecuteAsync($"UPDATE {Database.Schema}EvaluationRun SET RestoredAt = CompletedAt WHERE RestoredAt IS NOT NULL");
    }

    private static string Without(string column, string snapshot) =>
        System.Text.RegularExpressions.Regex.Replace(snapshot, column + "=[^,\n]*", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private static long Whole(object? value) => Convert.ToInt64(value, null);
}
