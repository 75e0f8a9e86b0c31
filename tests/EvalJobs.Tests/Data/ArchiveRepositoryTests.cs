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

        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(new ArchivedRows(1, 3));

        (await CountAsync("EvaluationRun")).Should().Be(1);
        (await CountAsync("EvaluationRunArchive")).Should().Be(1);
        (await CountAsync("TestCaseResultArchive")).Should().Be(3);
        (await Some.Runs.GetAsync(run.Id, default)).PassRate.Should().Be(1);
        (await Some.Runs.ListResultsAsync(run.Id, null, 0, 10, default)).Should().HaveCount(3);
        (await Some.Runs.GetAsync(recent.Id, default)).Status.Should().Be(RunStatus.Completed);
        (await Archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(default(ArchivedRows));
    }

    [Test]
    public async Task ArchiveBatchAsync_MoreThanABatch_MovesWholeRunsWithinTheLimit()
    {
        for (var index = 0; index < 4; index++)
            await CompletedRunAsync();
        await Database.PassAsync(TimeSpan.FromDays(91));

        var first = await Archive.ArchiveBatchAsync(90, 8, default);
        var second = await Archive.ArchiveBatchAsync(90, 1, default);

        first.Should().Be(new ArchivedRows(2, 6), "two runs of three results are eight rows");
        second.Should().Be(new ArchivedRows(1, 3), "a run larger than the batch still moves, whole");
    }

    [Test]
    public async Task ArchiveBatchAsync_PendingAndRunning_AreNeverMoved()
    {
        await Some.ClaimedRunAsync();
        await Some.TenantWithRunsAsync(1);
        await Database.PassAsync(TimeSpan.FromDays(400));

        (await Archive.ArchiveBatchAsync(90, 1000, default)).Runs.Should().Be(0);
    }

    private async Task<EvaluationRun> CompletedRunAsync()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
        return run;
    }

    private Task<long> CountAsync(string table) => Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}{table}");
}
