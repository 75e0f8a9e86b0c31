using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Pages;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

[TestFixture(typeof(SqliteTestDatabase))]
public sealed class TimelineEntryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [TestCase("system", "Lease expired; requeued", true)]
    [TestCase("sql:admin", "Requeued by hand", false)]
    public async Task Of_Requeue_DistinguishesServerFromAdministrator(string actor, string words, bool isFailure)
    {
        var run = await Some.ClaimedRunAsync();
        var record = await RecordAsync(run) with { Type = ChangeType.RunRequeued, Actor = actor };

        TimelineEntry.Of(run, [record]).Should().ContainEquivalentOf(new { What = words, IsFailure = isFailure });
    }

    [Test]
    public async Task Of_RunReleasedByALiveProcess_DiffersFromOneWhoseProcessEnded()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Leases.ReturnExpiredAsync(run, default);

        TimelineEntry.Of(run, [await RecordAsync(run)]).Should().ContainEquivalentOf(new { What = "Lease could not be renewed; released", IsFailure = true });
    }

    [Test]
    public async Task Of_RestoredRun_SaysSoInWords()
    {
        var run = await Some.ClaimedRunAsync();
        var record = await RecordAsync(run) with { Type = ChangeType.RunRestored };

        TimelineEntry.Of(run, [record]).Should().ContainEquivalentOf(new { What = "Restored from the archive" });
    }

    [Test]
    public async Task Of_CompletedRun_HasTheTimesThatItsFiguresAreCalculatedFrom()
    {
        var claim = await Some.ClaimedRunAsync();
        await Some.Claims.SaveResultsAsync(claim, [.. (await Some.UnansweredAsync(claim.Id)).Select(each => Some.Result(each.Id))], default);
        await Some.Claims.CompleteAsync(claim, default);
        var run = await Some.Runs.GetAsync(claim.Id, default);
        var record = await RecordAsync(run) with { At = run.CompletedAt!.Value.AddMilliseconds(20) };

        TimelineEntry.Of(run, [record, record with { Type = ChangeType.RunCreated, At = run.CreatedAt.AddMilliseconds(20) }]).Select(entry => entry.At)
            .Should().Equal(run.CreatedAt, run.StartedAt!.Value, run.CompletedAt.Value);
    }

    [Test]
    public async Task ReleasedCount_OfRunWhoseAgentWasOutOfReach_LeavesOutListedAndRunningAttempts()
    {
        var run = await Some.ClaimedRunAsync();
        TimelineEntry.ReleasedCount(run, []).Should().Be(0, "its first attempt is still running");
        await Some.Claims.WaitForEndpointAsync(run, "no answer", TimeSpan.Zero, default);
        TimelineEntry.ReleasedCount(await Some.Runs.GetAsync(run.Id, default), []).Should().Be(1);

        await Some.Dispatches.FinishBatchAsync(await Some.Dispatches.GetBatchAsync(run.TenantBatchId!.Value, default), BatchStatus.Completed, default, null, default);
        var again = await Some.ClaimAgainAsync(run);
        await Some.Claims.FailAttemptAsync(again, "no answer", 3, TimeSpan.Zero, isPermanent: false, default);

        var failed = await Some.Runs.GetAsync(run.Id, default);
        TimelineEntry.ReleasedCount(failed, [await RecordAsync(failed)]).Should().Be(1, "the second attempt failed and is listed");
        TimelineEntry.Of(failed, []).Should().Contain(entry => entry.What == "Due for attempt 3");
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task Of_FailedAttempt_NamesItsNumberAndItsWorker(int maxAttempts)
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
