using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ArchiveRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private ArchiveRepository Archive => new(Database.Database);

    [Test]
    public async Task ArchiveBatchAsync_RunsPastRetention_MoveWithTheirResultsAndStayReadable()
    {
        var run = await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));
        var recent = await CompletedRunAsync();

        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(new MovedRows(1, 3));

        (await RowsAsync()).Should().Be((1, 1, 3, 3));
        (await Some.Runs.GetAsync(run.Id, default)).PassRate.Should().Be(1);
        (await Some.Runs.ListResultsAsync(run, null, 0, 10, default)).Should().HaveCount(3);
        (await Some.Runs.GetAsync(recent.Id, default)).Status.Should().Be(RunStatus.Completed);
        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(default(MovedRows));
    }

    [Test]
    public async Task ArchiveBatchAsync_MoreThanABatch_MovesWholeRunsWithinTheLimit()
    {
        for (var index = 0; index < 4; index++)
            await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));

        (await Archive.ArchiveBatchAsync(90, 8, default)).Should().Be(new MovedRows(2, 6), "two runs of three results are eight rows");
    }

    [Test]
    public async Task ArchiveBatchAsync_RunLargerThanABatch_MovesInPartsAndCanAlwaysBeReadCompletely()
    {
        var run = await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));

        (await Archive.ArchiveBatchAsync(90, 2, default)).Should().Be(new MovedRows(0, 2), "its results are moved first");
        (await Some.Runs.ListResultsAsync(run, null, 0, 10, default)).Should().HaveCount(3, "readers read both tables");
        (await Archive.ArchiveBatchAsync(90, 2, default)).Should().Be(new MovedRows(1, 1));

        (await RowsAsync()).Should().Be((0, 1, 0, 3));
    }

    [Test]
    public async Task ListResultsAsync_HalfArchivedRun_ReturnsPagesByOrdinalAndOfOneVerdict()
    {
        var run = await Some.ClaimedRunAsync(cases: 7);
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(
            run, [.. cases.Where(each => each.Ordinal != 4).Select(each => Some.Result(each.Id, each.Ordinal % 2 == 0 ? CaseVerdict.Failed : CaseVerdict.Passed))], default);
        await Some.Claims.FailAttemptAsync(run, "broken", 1, TimeSpan.Zero, isPermanent: true, default);
        await Database.PassAsync(TimeSpan.FromDays(91));
        (await Archive.ArchiveBatchAsync(90, 3, default)).Should().Be(new MovedRows(0, 3));

        (await OrdinalsAsync(null, 0)).Should().Equal(1, 2, 3);
        (await OrdinalsAsync(null, 3)).Should().Equal([5, 6, 7], "the case without a result is not shown");
        (await OrdinalsAsync(null, 7)).Should().BeEmpty();
        (await OrdinalsAsync(CaseVerdict.Failed, 0)).Should().Equal(2, 6);
        (await OrdinalsAsync(CaseVerdict.Passed, 1)).Should().Equal(3, 5, 7);
        (await OrdinalsAsync(CaseVerdict.Errored, 0)).Should().BeEmpty();

        async Task<IEnumerable<int>> OrdinalsAsync(CaseVerdict? verdict, int after) =>
            (await Some.Runs.ListResultsAsync(run, verdict, after, 3, default)).Select(result => result.Ordinal);
    }

    [Test]
    public async Task ArchiveBatchAsync_PendingAndRunning_AreNeverMoved()
    {
        await Some.ClaimedRunAsync();
        await Some.TenantWithRunsAsync(1);
        await Database.PassAsync(TimeSpan.FromDays(400));

        (await Archive.ArchiveBatchAsync(90, 1000, default)).Runs.Should().Be(0);
    }

    [TestCase(1000)]
    [TestCase(2)]
    public async Task RestoreAsync_ArchivedRun_IsRestoredUnchangedAndStaysAnotherRetentionPeriod(int batchSize)
    {
        var run = await ArchivedRunAsync();
        var before = await Some.Runs.GetAsync(run.Id, default);

        (await Archive.RestoreAsync(run.Id, batchSize, "test", default)).Should().Be(new MovedRows(1, 3));

        (await RowsAsync()).Should().Be((1, 0, 3, 0));
        (await Some.Runs.GetAsync(run.Id, default)).Should().Be(before);
        (await Some.Runs.ListResultsAsync(run, CaseVerdict.Passed, 0, 10, default)).Should().HaveCount(3);
        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(default(MovedRows), "it was restored on request, so the next cleanup must not archive it");
        await Database.PassAsync(TimeSpan.FromDays(91));
        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(new MovedRows(1, 3));
    }

    [Test]
    public async Task RestoreAsync_StoppedHalfWay_IsFinishedByASecondCall()
    {
        var run = await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));
        await Archive.ArchiveBatchAsync(90, 2, default);
        (await RowsAsync()).Should().Be((1, 0, 1, 2), "an interrupted archiving or restore leaves this state");

        (await Archive.RestoreAsync(run.Id, 1000, "test", default)).Should().Be(new MovedRows(0, 2));

        (await RowsAsync()).Should().Be((1, 0, 3, 0));
        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(default(MovedRows));
    }

    [Test]
    public async Task RestoreAsync_NotArchivedOrUnknown_IsRejected()
    {
        var run = await CompletedRunAsync();

        await FluentActions.Awaiting(() => Archive.RestoreAsync(run.Id, 1000, "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*not in the archive*");
        await FluentActions.Awaiting(() => Archive.RestoreAsync(999, 1000, "test", default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task RestoreAsync_ReferencedRowsMissing_IsRejectedWithEveryReason()
    {
        var run = await ArchivedRunAsync();
        await Database.ExecuteAsync($"UPDATE {Database.Schema}EvaluationRunArchive SET VersionId = 777, SuiteId = 888");
        await Database.ExecuteAsync($"DELETE FROM {Database.Schema}TestCase WHERE Ordinal = 2");

        await FluentActions.Awaiting(() => Archive.RestoreAsync(run.Id, 1000, "test", default)).Should().ThrowAsync<ConflictException>()
            .WithMessage("*suite 888 is gone, its agent version 777 is gone, 1 of its results*");
        (await RowsAsync()).Should().Be((0, 1, 0, 3));
    }

    [Test]
    public async Task PurgeBatchAsync_OldArchivedRuns_AreDeletedWithTheirResults()
    {
        await ArchivedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(300));
        var later = await ArchivedRunAsync();

        (await Archive.PurgeBatchAsync(365, 1000, default)).Should().Be(new MovedRows(1, 3));

        (await RowsAsync()).Should().Be((0, 1, 0, 3));
        (await Some.Runs.GetAsync(later.Id, default)).Status.Should().Be(RunStatus.Completed);
        (await Archive.PurgeBatchAsync(365, 1000, default)).Should().Be(default(MovedRows));
    }

    [Test]
    public async Task RestoreAsync_ResultExistsAlready_IsAConflictAndChangesNothing()
    {
        var run = await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));
        await Archive.ArchiveBatchAsync(90, 2, default);
        await Database.ExecuteAsync($"UPDATE {Database.Schema}TestCaseResultArchive SET TestCaseId = (SELECT TestCaseId FROM {Database.Schema}TestCaseResult) WHERE TestCaseId = 1");

        await FluentActions.Awaiting(() => Archive.RestoreAsync(run.Id, 1000, "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*there already*");

        (await RowsAsync()).Should().Be((1, 0, 1, 2));
    }

    [Test]
    public async Task PurgeBatchAsync_RunLargerThanABatch_IsDeletedInParts()
    {
        await ArchivedRunAsync();

        (await Archive.PurgeBatchAsync(1, 2, default)).Should().Be(new MovedRows(0, 2));
        (await Archive.PurgeBatchAsync(1, 2, default)).Should().Be(new MovedRows(1, 1));
    }

    [Test]
    public async Task EveryStep_Always_LeavesAChangeRecordWithItsCounts()
    {
        var run = await ArchivedRunAsync();
        await Archive.RestoreAsync(run.Id, 1000, "someone", default);
        await Database.PassAsync(TimeSpan.FromDays(91));
        await Archive.ArchiveBatchAsync(90, 1000, default);
        await Archive.PurgeBatchAsync(91, 1000, default);

        var trail = await Some.Changes.ListAsync(null, nameof(EvaluationRun), run.Id, long.MaxValue, 4, default);

        trail.Select(record => (record.Type, record.Actor)).Should().Equal(
            (ChangeType.RunsPurged, Actor.System), (ChangeType.RunsArchived, Actor.System), (ChangeType.RunRestored, "someone"), (ChangeType.RunsArchived, Actor.System));
        trail.Should().OnlyContain(record => record.Payload.Contains("\"runs\":1,\"results\":3"));
    }

    private async Task<EvaluationRun> CompletedRunAsync()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
        return run;
    }

    private async Task<EvaluationRun> ArchivedRunAsync()
    {
        var run = await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));
        await Archive.ArchiveBatchAsync(90, 1000, default);
        return run;
    }

    private async Task<(long LiveRuns, long ArchivedRuns, long LiveResults, long ArchivedResults)> RowsAsync() =>
        (await CountAsync("EvaluationRun"), await CountAsync("EvaluationRunArchive"), await CountAsync("TestCaseResult"), await CountAsync("TestCaseResultArchive"));

    private Task<long> CountAsync(string table) => Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}{table}");
}
