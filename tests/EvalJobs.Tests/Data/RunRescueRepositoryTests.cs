using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>What happens to runs whose process ended, and to leases that a live process could not renew, on every supported database.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RunRescueRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMinutes(1);

    [Test]
    public async Task RescueExpiredAsync_ProcessEnded_RequeuesAtOnceWithoutAFailedAttempt()
    {
        var run = await Some.ClaimedRunAsync();
        await Database.PassAsync(Some.Lease * 2);

        (await Some.RescueAsync(3, Backoff)).Should().Match<Rescue>(rescue => rescue.Requeued == 1 && rescue.Poisoned == 0);

        var requeued = await Some.Runs.GetAsync(run.Id, default);
        requeued.Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Pending && each.Attempt == 1 && each.FailedAttempts == 0 && each.DeathCount == 1 && each.LeaseOwner == null);
        requeued.Error.Should().Contain(Some.Owner, "the operator should see which process it was");
        (await Some.ClaimAgainAsync(run)).Attempt.Should().Be(2);
    }

    [Test]
    public async Task RescueExpiredAsync_ManyEndedProcessesWithOtherRuns_NeverFailsTheRun()
    {
        var run = await Some.ClaimedRunAsync();

        for (var death = 1; death <= 12; death++)
        {
            await Database.PassAsync(Some.Lease * 2);
            (await Some.RescueAsync(3, Backoff)).Should().Match<Rescue>(rescue => rescue.Requeued == 1 && rescue.Poisoned == 0);
            await Database.PassAsync(TimeSpan.FromDays(1));
            run = await Some.ClaimAgainAsync(run);
        }

        run.Should().Match<EvaluationRun>(each => each.FailedAttempts == 0 && each.DeathCount == 3, "while it waits to be worked alone, an ended process is not caused by this run");
    }

    [Test]
    public async Task RescueExpiredAsync_ProcessEndedWhileWorkedAlone_FailsAsPoisonAndKeepsTheAnswers()
    {
        var run = await Some.ClaimedRunAsync();
        for (var death = 1; death <= 3; death++)
        {
            await Database.PassAsync(Some.Lease * 2);
            await Some.RescueAsync(3, Backoff);
            await Database.PassAsync(TimeSpan.FromDays(1));
            run = await Some.ClaimAgainAsync(run);
        }

        await Some.Claims.MarkAloneAsync(run, default);
        await Some.Claims.SaveResultsAsync(run, [Some.Result((await Some.UnansweredAsync(run.Id))[0].Id)], default);
        await Database.PassAsync(Some.Lease * 2);

        (await Some.RescueAsync(3, Backoff)).Should().Match<Rescue>(rescue => rescue.Requeued == 0 && rescue.Poisoned == 1);

        var ended = await Some.Runs.GetAsync(run.Id, default);
        ended.Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Failed && each.DeathCount == 4 && each.FailedAttempts == 0 && each.PassedCount == 1 && each.CaseCount == 3);
        ended.Error.Should().StartWith("POISON: the server process ended 4 times in a row");
        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [Test]
    public async Task RescueExpiredAsync_MoreThanAStep_RequeuesAllOfThem()
    {
        var tenant = await Some.TenantWithRunsAsync(203, cases: 1);
        var claimed = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant), 203);
        await Database.PassAsync(Some.Lease * 2);

        (await Some.RescueAsync(1, TimeSpan.Zero)).Should().Match<Rescue>(rescue => rescue.Requeued == claimed.Count && rescue.Poisoned == 0);

        await Some.Dispatches.AbandonExpiredBatchesAsync(default);
        var again = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant), 203);
        again.Should().HaveCount(203);
        foreach (var run in again)
            await Some.Claims.MarkAloneAsync(run, default);
        await Database.PassAsync(Some.Lease * 2);
        (await Some.RescueAsync(1, TimeSpan.Zero)).Should().Match<Rescue>(rescue => rescue.Requeued == 0 && rescue.Poisoned == 203);
    }

    [Test]
    public async Task RescueExpiredAsync_LeaseRenewedInTime_DoesNotChangeTheRun()
    {
        var run = await Some.ClaimedRunAsync();
        await Database.PassAsync(Some.Lease * 0.9);
        await Some.Leases.RenewAsync(Some.Owner, [run.Id], Some.Lease, default);
        await Database.PassAsync(Some.Lease * 0.9);

        (await Some.RescueAsync(3, Backoff)).Should().Match<Rescue>(rescue => rescue.Requeued == 0 && rescue.Poisoned == 0);
    }

    [Test]
    public async Task ReturnExpiredAsync_RunNotRescuedYet_ReleasesItAtOnce()
    {
        var run = await Some.ClaimedRunAsync();
        await Database.PassAsync(Some.Lease * 2);

        await Some.Leases.ReturnExpiredAsync(run, default);

        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Pending && each.FailedAttempts == 0 && each.DeathCount == 0 && each.LeaseOwner == null);
    }

    [Test]
    public async Task ReturnExpiredAsync_RescueWasFaster_CorrectsTheCountOfEndedProcessesOnce()
    {
        var run = await Some.ClaimedRunAsync();
        await Database.PassAsync(Some.Lease * 2);
        await Some.RescueAsync(3, Backoff);
        var successor = await Some.ClaimAgainAsync(run);

        await Some.Leases.ReturnExpiredAsync(run, default);
        await Some.Leases.ReturnExpiredAsync(run, default);

        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Running && each.Attempt == successor.Attempt && each.DeathCount == 0, "the process lost its connection, but did not end");
    }
}
