using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class ArchiveRepositoryTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private TDatabase _database = null!;
    private Some _some = null!;
    private ArchiveRepository _archive = null!;

    [SetUp]
    public async Task CreateDatabase()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);
        _archive = new ArchiveRepository(_database.Database);
    }

    [TearDown]
    public async Task DropDatabase() => await _database.DisposeAsync();

    [Test]
    public async Task ArchiveBatchAsync_RunsPastRetention_MoveWithTheirResultsAndStayReadable()
    {
        var run = await CompletedRunAsync();
        await _database.PassAsync(TimeSpan.FromDays(91));
        var recent = await CompletedRunAsync();

        (await _archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(new ArchivedRows(1, 3));

        (await CountAsync("EvaluationRun")).Should().Be(1);
        (await CountAsync("EvaluationRunArchive")).Should().Be(1);
        (await CountAsync("TestCaseResultArchive")).Should().Be(3);
        (await _some.Runs.GetAsync(run.Id, default)).PassRate.Should().Be(1);
        (await _some.Runs.ListResultsAsync(run.Id, null, 0, 10, default)).Should().HaveCount(3);
        (await _some.Runs.GetAsync(recent.Id, default)).Status.Should().Be(RunStatus.Completed);
        (await _archive.ArchiveBatchAsync(90, 1000, default)).Should().Be(default(ArchivedRows));
    }

    [Test]
    public async Task ArchiveBatchAsync_MoreThanABatch_MovesWholeRunsWithinTheLimit()
    {
        for (var index = 0; index < 4; index++)
            await CompletedRunAsync();
        await _database.PassAsync(TimeSpan.FromDays(91));

        var first = await _archive.ArchiveBatchAsync(90, 8, default);
        var second = await _archive.ArchiveBatchAsync(90, 1, default);

        first.Should().Be(new ArchivedRows(2, 6), "two runs of three results are eight rows");
        second.Should().Be(new ArchivedRows(1, 3), "a run larger than the batch still moves, whole");
    }

    [Test]
    public async Task ArchiveBatchAsync_PendingAndRunning_AreNeverMoved()
    {
        await _some.ClaimedRunAsync();
        await _some.TenantWithRunsAsync(1);
        await _database.PassAsync(TimeSpan.FromDays(400));

        (await _archive.ArchiveBatchAsync(90, 1000, default)).Runs.Should().Be(0);
    }

    private async Task<EvaluationRun> CompletedRunAsync()
    {
        var run = await _some.ClaimedRunAsync(cases: 3);
        await _some.Claims.SaveResultsAsync(run, [.. (await _some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id))], default);
        await _some.Claims.CompleteAsync(run, default);
        return run;
    }

    private Task<long> CountAsync(string table) => _database.ScalarAsync<long>($"SELECT COUNT(*) FROM {_database.Schema}{table}");
}
