using EvalJobs.Data;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ArchiveOldRunsJobTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task RunAsync_OnePartFails_DoesTheOthersAndFailsAtTheEnd()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        await Some.Claims.SaveResultsAsync(run, [.. (await Some.UnansweredAsync(run.Id)).Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(run, default);
        await Database.PassAsync(TimeSpan.FromDays(91));
        await Database.BreakInsertAsync("EvaluationRunArchive", "Id", run.Id);
        using var logs = new LogCapture();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(logs));
        var job = new ArchiveOldRunsJob(
            new ArchiveRepository(Database.Database), new HistoryRepository(Database.Database), new RetentionOptions { AuditDays = 90 }, factory.CreateLogger<ArchiveOldRunsJob>());

        (await FluentActions.Awaiting(() => job.RunAsync(default)).Should().ThrowAsync<AggregateException>())
            .Which.InnerExceptions.Should().ContainSingle().Which.Message.Should().ContainEquivalentOf("broken");

        logs.Lines.Should().Contain(line => line.Level == LogLevel.Error && line.Text.Contains("could not archive runs"));
        (await Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {Database.Schema}EvaluationRun")).Should().Be(1);
        (await Some.Changes.ListAsync(null, null, null, long.MaxValue, 10, default)).Should().OnlyContain(
            record => record.Type == EvalJobs.Domain.ChangeType.HistoryPurged, "the audit trail was past its age");
    }
}
