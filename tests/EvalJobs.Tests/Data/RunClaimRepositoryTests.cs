using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The rules of concurrency (claim, lease, fence, rescue, release), on every database we run on.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class RunClaimRepositoryTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMinutes(1);
    private TDatabase _database = null!;
    private Some _some = null!;

    [SetUp]
    public async Task CreateDatabase()
    {
        _database = new TDatabase();
        await _database.CreateAsync();
        _some = new Some(_database.Database);
    }

    [TearDown]
    public async Task DropDatabase() => await _database.DisposeAsync();

    [Test]
    public async Task ClaimPendingAsync_ManyWorkersAtOnce_ShareTheRunsWithoutOverlap()
    {
        var tenant = await _some.TenantWithRunsAsync(12);
        var batch = await _some.LiveBatchAsync(tenant);

        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => _some.ClaimAsync(batch, 3))));

        claims.SelectMany(runs => runs).Should().HaveCount(12).And.OnlyHaveUniqueItems(run => run.Id, "a run evaluated twice would be billed twice");
    }

    [Test]
    public async Task ClaimPendingAsync_MoreWaitThanTheLimit_TakesHighestPriorityThenLongestDue()
    {
        var tenant = await _some.TenantWithRunsAsync(2);
        var urgent = await _some.PendingRunAsync(tenant, priority: 5);
        var first = (await _some.Runs.ListAsync(new RunFilter { TenantId = tenant.Id }, 10, default)).MinBy(run => run.Id)!;

        var claimed = await _some.ClaimAsync(await _some.LiveBatchAsync(tenant), 2);

        claimed.Select(run => run.Id).Should().Equal(urgent.Id, first.Id);
        claimed.Should().OnlyContain(run => run.Status == RunStatus.Running && run.Attempt == 1 && run.LeaseOwner == Some.Owner && run.StartedAt != null);
    }

    [Test]
    public async Task ClaimPendingAsync_TenantPaused_ClaimsNothing()
    {
        var tenant = await _some.TenantWithRunsAsync(1);
        var batch = await _some.LiveBatchAsync(tenant);
        await _some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);

        (await _some.ClaimAsync(batch)).Should().BeEmpty();
    }

    [Test]
    public async Task ClaimPendingAsync_BatchAbandoned_ClaimsNothing()
    {
        var tenant = await _some.TenantWithRunsAsync(1);
        var batch = await _some.LiveBatchAsync(tenant);
        await _database.PassAsync(Some.Lease * 2);
        await _some.Dispatches.AbandonExpiredBatchesAsync(default);

        (await _some.ClaimAsync(batch)).Should().BeEmpty("a batch that lost its place must not work beside its successor");
    }

    [Test]
    public async Task SaveResultsAsync_LeaseHeld_StoresThemAndAsksThoseCasesNoMore()
    {
        var run = await _some.ClaimedRunAsync(cases: 3);
        var cases = await _some.UnansweredAsync(run.Id);

        await _some.Claims.SaveResultsAsync(run, [Some.Result(cases[1].Id)], default);

        (await _some.UnansweredAsync(run.Id)).Select(each => each.Ordinal).Should().Equal(1, 3);
    }

    [Test]
    public async Task EveryFencedWrite_LeaseTakenOver_ChangesNothing()
    {
        var zombie = await _some.ClaimedRunAsync(cases: 1);
        var caseId = (await _some.UnansweredAsync(zombie.Id)).Single().Id;
        await _database.PassAsync(Some.Lease * 2);
        await _some.Claims.RescueExpiredAsync(3, Backoff, default);
        await _database.PassAsync(Backoff * 2);
        await _some.Dispatches.AbandonExpiredBatchesAsync(default);
        var successor = (await _some.ClaimAsync(await _some.LiveBatchAsync(await _some.Tenants.GetAsync(zombie.TenantId, default)))).Single();

        Func<Task>[] writes =
        [
            () => _some.Claims.SaveResultsAsync(zombie, [Some.Result(caseId)], default),
            () => _some.Claims.CompleteAsync(zombie, default),
            () => _some.Claims.FailAttemptAsync(zombie, "zombie", 3, Backoff, isPermanent: false, default),
            () => _some.Claims.FailAttemptAsync(zombie, "zombie", 3, Backoff, isPermanent: true, default),
            () => _some.Claims.ReleaseAsync(zombie, default),
            () => _some.Claims.YieldAsync(zombie, default),
        ];
        foreach (var write in writes)
            await write.Should().ThrowAsync<Exception>().Where(error => error is LeaseLostException || error is InvalidOperationException);
        var renewed = await _some.Claims.RenewAsync(Some.Owner, [zombie.Id], Some.Lease, default);

        renewed.Should().OnlyContain(held => held.Attempt == successor.Attempt, "the zombie's attempt is not renewed under its own number");
        var now = await _some.Runs.GetAsync(zombie.Id, default);
        now.Should().BeEquivalentTo(successor, options => options.Excluding(run => run.LeaseUntil));
        (await _some.UnansweredAsync(zombie.Id)).Should().HaveCount(1, "the zombie's result must not be stored");
    }

    [Test]
    public async Task CompleteAsync_EnoughPassed_SetsRunVersionAndAuditTogether()
    {
        var run = await _some.ClaimedRunAsync(cases: 5);
        var cases = await _some.UnansweredAsync(run.Id);
        await _some.Claims.SaveResultsAsync(run, [.. cases.Select((each, index) => Some.Result(each.Id, index == 0 ? CaseVerdict.Failed : CaseVerdict.Passed))], default);

        var evalStatus = await _some.Claims.CompleteAsync(run, default);

        evalStatus.Should().Be(EvalStatus.Pass, "4 of 5 reach the threshold of 0.8");
        var ended = await _some.Runs.GetAsync(run.Id, default);
        ended.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassRate == 0.8 && each.OverallScore == 0.8
            && each.PassedCount == 4 && each.FailedCount == 1 && each.LeaseOwner == null && each.CompletedAt != null);
        (await _some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
        (await _some.Changes.ListAsync(run.TenantId, "EvaluationRun", run.Id, long.MaxValue, 10, default)).First().Type.Should().Be(ChangeType.RunCompleted);
    }

    [Test]
    public async Task CompleteAsync_CaseWithoutResult_IsRefusedAndChangesNothing()
    {
        var run = await _some.ClaimedRunAsync(cases: 2);
        await _some.Claims.SaveResultsAsync(run, [Some.Result((await _some.UnansweredAsync(run.Id))[0].Id)], default);

        await FluentActions.Awaiting(() => _some.Claims.CompleteAsync(run, default)).Should().ThrowAsync<InvalidOperationException>();

        (await _some.Runs.GetAsync(run.Id, default)).Status.Should().Be(RunStatus.Running);
        (await _some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Running);
    }

    [Test]
    public async Task FailAttemptAsync_AttemptsLeft_WaitsTwiceAsLongEachTimeThenFails()
    {
        var run = await _some.ClaimedRunAsync();
        var tenant = await _some.Tenants.GetAsync(run.TenantId, default);
        var batch = await _some.Dispatches.GetBatchAsync(run.TenantBatchId!.Value, default);

        (await _some.Claims.FailAttemptAsync(run, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Pending);
        (await _some.ClaimAsync(batch)).Should().BeEmpty("the first wait is one minute");
        await _database.PassAsync(TimeSpan.FromSeconds(61));
        var second = (await _some.ClaimAsync(batch)).Single();
        (await _some.Claims.FailAttemptAsync(second, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Pending);
        await _database.PassAsync(TimeSpan.FromSeconds(61));
        (await _some.ClaimAsync(batch)).Should().BeEmpty("the second wait is two minutes");
        await _database.PassAsync(TimeSpan.FromSeconds(61));
        var third = (await _some.ClaimAsync(batch)).Single();
        (await _some.Claims.FailAttemptAsync(third, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Failed);

        third.Attempt.Should().Be(3);
        (await _some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Failed && each.Error == "refused");
        (await _some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
        tenant.Should().NotBeNull();
    }

    [Test]
    public async Task FailAttemptAsync_ToBeRetried_ForgetsErroredResultsAndKeepsTheRest()
    {
        var run = await _some.ClaimedRunAsync(cases: 3);
        var cases = await _some.UnansweredAsync(run.Id);
        await _some.Claims.SaveResultsAsync(run, [Some.Result(cases[0].Id), Some.Result(cases[1].Id, CaseVerdict.Errored)], default);

        await _some.Claims.FailAttemptAsync(run, "broken", 3, Backoff, false, default);

        (await _some.UnansweredAsync(run.Id)).Select(each => each.Ordinal).Should().Equal(2, 3);
    }

    [Test]
    public async Task ReleaseAsync_UnfinishedRun_IsPendingAtOnceWithoutCountingTheAttempt()
    {
        var run = await _some.ClaimedRunAsync(cases: 2);
        await _some.Claims.SaveResultsAsync(run, [Some.Result((await _some.UnansweredAsync(run.Id))[0].Id)], default);

        await _some.Claims.ReleaseAsync(run, default);

        var batch = await _some.Dispatches.GetBatchAsync(run.TenantBatchId!.Value, default);
        var again = (await _some.ClaimAsync(batch)).Single();
        again.Attempt.Should().Be(1, "giving back is not failing");
        (await _some.UnansweredAsync(run.Id)).Should().HaveCount(1, "finished cases are kept");
    }

    [Test]
    public async Task RescueExpiredAsync_LapsedLeases_AreRequeuedOrGivenUp()
    {
        var run = await _some.ClaimedRunAsync();
        await _database.PassAsync(Some.Lease * 2);

        (await _some.Claims.RescueExpiredAsync(2, Backoff, default)).Should().Be(new Rescue(1, 0));
        var requeued = await _some.Runs.GetAsync(run.Id, default);
        requeued.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Pending && each.Attempt == 1 && each.LeaseOwner == null);
        requeued.Error.Should().Contain(Some.Owner, "the operator should see who vanished");

        await _database.PassAsync(Backoff * 2);
        await _some.Dispatches.AbandonExpiredBatchesAsync(default);
        await _some.ClaimAsync(await _some.LiveBatchAsync(await _some.Tenants.GetAsync(run.TenantId, default)));
        await _database.PassAsync(Some.Lease * 2);
        (await _some.Claims.RescueExpiredAsync(2, Backoff, default)).Should().Be(new Rescue(0, 1));

        (await _some.Runs.GetAsync(run.Id, default)).Status.Should().Be(RunStatus.Failed);
        (await _some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [Test]
    public async Task RescueExpiredAsync_LeaseRenewedInTime_LeavesTheRunAlone()
    {
        var run = await _some.ClaimedRunAsync();
        await _database.PassAsync(Some.Lease * 0.9);
        await _some.Claims.RenewAsync(Some.Owner, [run.Id], Some.Lease, default);
        await _database.PassAsync(Some.Lease * 0.9);

        (await _some.Claims.RescueExpiredAsync(3, Backoff, default)).Should().Be(new Rescue(0, 0));
    }

    [Test]
    public async Task TallyAsync_ErroredAndUnscored_AreCountedApartAndNeverPassed()
    {
        var run = await _some.ClaimedRunAsync(cases: 4);
        var cases = await _some.UnansweredAsync(run.Id);
        CaseVerdict[] verdicts = [CaseVerdict.Passed, CaseVerdict.Failed, CaseVerdict.Errored, CaseVerdict.Unscored];
        await _some.Claims.SaveResultsAsync(run, [.. cases.Zip(verdicts, (each, verdict) => Some.Result(each.Id, verdict))], default);

        var tally = await _some.Claims.TallyAsync(run.Id, default);

        tally.Should().BeEquivalentTo(new { CaseCount = 4, PassedCount = 1, FailedCount = 1, ErroredCount = 1, UnscoredCount = 1, OverallScore = 0.5, PassRate = 0.25 });
    }

    [Test]
    public async Task CancelAsync_RunningRun_RestoresEvalStatusAndFencesItsWorkerOff()
    {
        var run = await _some.ClaimedRunAsync();

        await _some.Runs.CancelAsync(run.Id, "test", default);

        (await _some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await _some.Claims.ListHeldAsync(Some.Owner, [run.Id], default)).Should().BeEmpty();
        await FluentActions.Awaiting(() => _some.Claims.ReleaseAsync(run, default)).Should().ThrowAsync<LeaseLostException>();
        await FluentActions.Awaiting(() => _some.Runs.CancelAsync(run.Id, "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*CANCELLED*");
    }
}
