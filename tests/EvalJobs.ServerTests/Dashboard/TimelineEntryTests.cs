using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Pages;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

[TestFixture(typeof(SqliteTestDatabase))]
public sealed class TimelineEntryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [TestCase("system", "Lease expired; requeued", true)]
    [TestCase("sql:admin", "Requeued by hand", false)]
    public async Task Of_Requeue_TellsTheServersFromAnAdministrators(string actor, string words, bool isTrouble)
    {
        var run = await Some.ClaimedRunAsync();
        var record = await RecordAsync(run) with { Type = ChangeType.RunRequeued, Actor = actor };

        TimelineEntry.Of(run, [record]).Should().ContainEquivalentOf(new { What = words, IsFailure = isTrouble });
    }

    [Test]
    public async Task Of_RunThatALivingProcessGaveBack_IsToldFromOneWhoseProcessIsGone()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Leases.ReturnExpiredAsync(run, default);

        TimelineEntry.Of(run, [await RecordAsync(run)]).Should().ContainEquivalentOf(new { What = "Lease could not be renewed; given back", IsFailure = true });
    }

    [Test]
    public async Task Of_RestoredRun_SaysSoInWords()
    {
        var run = await Some.ClaimedRunAsync();
        var record = await RecordAsync(run) with { Type = ChangeType.RunRestored };

        TimelineEntry.Of(run, [record]).Should().ContainEquivalentOf(new { What = "Brought back from the archive" });
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task Of_FailedAttempt_TellsItsNumberAndItsWorker(int maxAttempts)
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Claims.FailAttemptAsync(run, "no answer", maxAttempts, TimeSpan.Zero, isPermanent: false, default);

        TimelineEntry.Of(run, [await RecordAsync(run)]).Should().Contain(
            entry => entry.IsFailure && entry.Payload!.Contains("\"attempt\":1") && entry.Payload.Contains($"\"owner\":\"{run.LeaseOwner}\""));
    }

    /// <returns>The latest record of the run.</returns>
    private async Task<ChangeRecord> RecordAsync(EvaluationRun run) =>
        (await Some.Changes.ListAsync(run.TenantId, nameof(EvaluationRun), run.Id, long.MaxValue, 1, default)).Single();
}
