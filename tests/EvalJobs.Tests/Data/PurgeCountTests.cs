using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>On SQLite only, where a trigger can skip a deletion: the purge detects that rows it counted still exist.</summary>
public sealed class PurgeCountTests : DatabaseFixture<SqliteTestDatabase>
{
    [Test]
    public async Task PurgeBatchAsync_FewerResultsDeletedThanCounted_DeletesNothing()
    {
        var archive = new ArchiveRepository(Database.Database);
        var run = await Some.ClaimedRunAsync(cases: 3);
        await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
        await Database.PassAsync(TimeSpan.FromDays(91));
        await archive.ArchiveBatchAsync(90, 1000, default);
        await Database.ExecuteAsync("CREATE TRIGGER Keep BEFORE DELETE ON TestCaseResultArchive WHEN OLD.TestCaseId = 2 BEGIN SELECT RAISE(IGNORE); END");

        await FluentActions.Awaiting(() => archive.PurgeBatchAsync(90, 1000, default)).Should().ThrowAsync<InvalidOperationException>()
            .WithMessage("*results counted and deleted: 3 and 2*nothing was changed*");

        (await Database.ScalarAsync<long>("SELECT COUNT(*) FROM TestCaseResultArchive")).Should().Be(3);
        (await Database.ScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRunArchive")).Should().Be(1);
    }
}
