using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

/// <summary>The rules of concurrency about a claimed run (claim, fence, release), on every supported database.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RunClaimRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMinutes(1);

    [Test]
    public async Task ClaimPendingAsync_ManyWorkersAtOnce_ShareTheRunsWithoutOverlap()
    {
        var tenant = await Some.TenantWithRunsAsync(12);
        var batch = await Some.LiveBatchAsync(tenant);

        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Some.ClaimAsync(batch, 3))));

        claims.SelectMany(runs => runs).Should().HaveCount(12).And.OnlyHaveUniqueItems(run => run.Id, "a run evaluated twice would be billed twice");
    }

    [Test]
    public async Task ClaimPendingAsync_MoreRunsThanTheLimit_TakesHighestPriorityThenLongestDue()
    {
        var tenant = await Some.TenantWithRunsAsync(2);
        var urgent = await Some.PendingRunAsync(tenant, priority: 5);
        var first = (await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10)).MinBy(run => run.Id)!;

        var claimed = await Some.ClaimAsync(await Some.LiveBatchAsync(tenant), 2);

        claimed.Select(run => run.Id).Should().Equal(urgent.Id, first.Id);
        claimed.Should().OnlyContain(run => run.Status == RunStatus.Running && run.Attempt == 1 && run.LeaseOwner == Some.Owner && run.StartedAt != null);
    }

    [Test]
    public async Task ClaimPendingAsync_ByAge_TakesTheLongestDueWhateverItsPriority()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant);
        var oldest = await Some.PendingRunAsync(tenant, priority: -1);
        await Database.PassAsync(TimeSpan.FromSeconds(2));
        var urgent = await Some.PendingRunAsync(tenant, priority: 9);

        var batch = await Some.LiveBatchAsync(tenant);

        (await Some.Claims.ClaimPendingAsync(batch, 1, ClaimOrder.ByAge, Some.Lease, default)).Single().Id.Should().Be(oldest.Id);
        (await Some.Claims.ClaimPendingAsync(batch, 1, ClaimOrder.ByPriority, Some.Lease, default)).Single().Id.Should().Be(urgent.Id);
    }

    [Test]
    public async Task ClaimPendingAsync_RunReleased_IsNotGivenToTheSameBatchAgain()
    {
        var tenant = await Some.TenantWithRunsAsync(1);
        var batch = await Some.LiveBatchAsync(tenant);
        await Some.Claims.ReleaseAsync((await Some.ClaimAsync(batch)).Single(), default);

        (await Some.ClaimAsync(batch)).Should().BeEmpty();
        await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant))).Should().ContainSingle();
    }

    [Test]
    public async Task ClaimPendingAsync_TenantPaused_ClaimsNothing()
    {
        var tenant = await Some.TenantWithRunsAsync(1);
        var batch = await Some.LiveBatchAsync(tenant);
        await Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);

        (await Some.ClaimAsync(batch)).Should().BeEmpty();
    }

    [Test]
    public async Task ClaimPendingAsync_BatchAbandoned_ClaimsNothing()
    {
        var tenant = await Some.TenantWithRunsAsync(1);
        var batch = await Some.LiveBatchAsync(tenant);
        await Database.PassAsync(Some.Lease * 2);
        await Some.Dispatches.AbandonExpiredBatchesAsync(default);

        (await Some.ClaimAsync(batch)).Should().BeEmpty("an abandoned batch must not work at the same time as its successor");
    }

    [Test]
    public async Task SaveResultsAsync_LeaseHeld_StoresThemAndTheCasesAreNotAskedAgain()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        var cases = await Some.UnansweredAsync(run.Id);

        await Some.Claims.SaveResultsAsync(run, [Some.Result(cases[1].Id)], default);

        (await Some.UnansweredAsync(run.Id)).Select(each => each.Ordinal).Should().Equal(1, 3);
    }

    [Test]
    public async Task SaveResultsAsync_CutReplies_AreCountedOnTheRun()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        var cases = await Some.UnansweredAsync(run.Id);

        await Some.Claims.SaveResultsAsync(run, [.. cases.Select((each, index) => Some.Result(each.Id) with { IsCut = index > 0 })], default);
        var tally = await Some.Claims.TallyAsync(run.Id, default);
        await Some.Claims.CompleteAsync(run, default);

        tally.CutCount.Should().Be(2);
        (await Some.Runs.GetAsync(run.Id, default)).CutCount.Should().Be(2);
    }

    [TestCase(1)]
    [TestCase(600)]
    public async Task SaveResultsAsync_OutputWithU0000_IsRejected(int length)
    {
        var run = await Some.ClaimedRunAsync(cases: 1);
        var result = Some.Result((await Some.UnansweredAsync(run.Id)).Single().Id) with { Output = "a\0" + new string('b', length) };

        await FluentActions.Awaiting(() => Some.Claims.SaveResultsAsync(run, [result], default))
            .Should().ThrowAsync<InvalidInputException>().WithMessage("Output*U+0000*position 2*");

        (await Some.UnansweredAsync(run.Id)).Should().HaveCount(1, "a part of a reply must not be stored");
    }

    [Test]
    public async Task FailAttemptAsync_ReasonWithU0000_IsStoredReadable()
    {
        var run = await Some.ClaimedRunAsync(cases: 1);

        await Some.Claims.FailAttemptAsync(run, $"target.type 'a\0{new string('b', 600)}'", 1, Backoff, isPermanent: true, default);

        (await Some.Runs.GetAsync(run.Id, default)).Error.Should().StartWith("target.type 'a\uFFFDb").And.EndWith("b'");
    }

    [Test]
    public async Task EveryFencedWrite_LeaseTakenOver_ChangesNothing()
    {
        var late = await Some.ClaimedRunAsync(cases: 1);
        var caseId = (await Some.UnansweredAsync(late.Id)).Single().Id;
        await Database.PassAsync(Some.Lease * 2);
        await Some.RescueAsync(3, Backoff);
        await Database.PassAsync(Backoff * 2);
        await Some.Dispatches.AbandonExpiredBatchesAsync(default);
        var successor = (await Some.ClaimAsync(await Some.LiveBatchAsync(await Some.Tenants.GetAsync(late.TenantId, default)))).Single();

        Func<Task>[] writes =
        [
            () => Some.Claims.SaveResultsAsync(late, [Some.Result(caseId)], default),
            () => Some.Claims.FailAttemptAsync(late, "late", 3, Backoff, isPermanent: false, default),
            () => Some.Claims.FailAttemptAsync(late, "late", 3, Backoff, isPermanent: true, default),
            () => Some.Claims.ReleaseAsync(late, default),
            () => Some.Claims.ReleaseToEndAsync(late, default),
            () => Some.Claims.PostponeAsync(late, "late", Backoff, default),
        ];
        foreach (var write in writes)
            await write.Should().ThrowAsync<LeaseLostException>();
        var renewed = await Some.Leases.RenewAsync(Some.Owner, [late.Id], Some.Lease, default);

        renewed.Should().OnlyContain(held => held.Attempt == successor.Attempt, "the lease of the late process's attempt is not renewed");
        var now = await Some.Runs.GetAsync(late.Id, default);
        now.Should().BeEquivalentTo(successor, options => options.Excluding(run => run.LeaseUntil));
        (await Some.UnansweredAsync(late.Id)).Should().HaveCount(1, "the late process's result must not be stored");

        // With all results stored, only the fence can stop a late process from completing the run.
        await Some.Claims.SaveResultsAsync(successor, [Some.Result(caseId)], default);
        await FluentActions.Awaiting(() => Some.Claims.CompleteAsync(late, default)).Should().ThrowAsync<LeaseLostException>();
        (await Some.Runs.GetAsync(late.Id, default)).Status.Should().Be(RunStatus.Running);
    }

    [Test]
    public async Task FailAttemptAsync_ManyErrored_DeletesThemAllAndKeepsTheRest()
    {
        var run = await Some.ClaimedRunAsync(cases: 2_503);
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(
            run, [.. cases.Select(each => Some.Result(each.Id, each.Ordinal % 1_000 == 0 ? CaseVerdict.Passed : CaseVerdict.Errored))], default);

        await Some.Claims.FailAttemptAsync(run, "agent away", 3, Backoff, isPermanent: false, default);

        (await Some.UnansweredAsync(run.Id)).Should().HaveCount(2_501, "the next attempt asks every case that got no answer");
        (await Some.Claims.TallyAsync(run.Id, default)).Should().BeEquivalentTo(new { PassedCount = 2, ErroredCount = 0 });
    }

    [Test]
    public async Task PostponeAsync_ServerFailed_WaitsWithoutAFailedAttempt()
    {
        var run = await Some.ClaimedRunAsync();

        await Some.Claims.PostponeAsync(run, "disk full", Backoff, default);

        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Pending && each.FailedAttempts == 0 && each.Error == "disk full" && each.DueAt > run.DueAt + (Backoff * 0.9));
    }

    [Test]
    public async Task FailAttemptAsync_Always_KeepsTheAgentsTextOutOfTheAuditTrail()
    {
        var tenant = await Some.TenantWithRunsAsync(2);
        foreach (var isPermanent in (bool[])[false, true])
        {
            var batch = await Some.LiveBatchAsync(tenant);
            var run = (await Some.ClaimAsync(batch, 1)).Single();
            await Some.Claims.FailAttemptAsync(run, "HTTP 500: SECRET-REPLY", 3, Backoff, isPermanent, default);
            await Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        }

        (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}ChangeRecord WHERE Type IN ('RUN_FAILED', 'RUN_ATTEMPT_FAILED')")).Should().Be(2);
        (await Database.ScalarAsync<int>($"SELECT COUNT(*) FROM {Database.Schema}ChangeRecord WHERE Payload LIKE '%SECRET-REPLY%'")).Should().Be(0);
    }

    [Test]
    public async Task CompleteAsync_EnoughPassed_SetsRunVersionAndAuditTogether()
    {
        var run = await Some.ClaimedRunAsync(cases: 5);
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(run, [.. cases.Select((each, index) => Some.Result(each.Id, index == 0 ? CaseVerdict.Failed : CaseVerdict.Passed))], default);

        var evalStatus = await Some.Claims.CompleteAsync(run, default);

        evalStatus.Should().Be(EvalStatus.Pass, "4 of 5 reach the threshold of 0.8");
        var ended = await Some.Runs.GetAsync(run.Id, default);
        ended.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassRate == 0.8 && each.OverallScore == 0.8
            && each.PassedCount == 4 && each.FailedCount == 1 && each.LeaseOwner == null && each.CompletedAt != null);
        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Pass);
        (await Some.Changes.ListAsync(run.TenantId, "EvaluationRun", run.Id, long.MaxValue, 10, default)).First().Type.Should().Be(ChangeType.RunCompleted);
    }

    [Test]
    public async Task CompleteAsync_CaseWithoutResult_IsRejectedAndChangesNothing()
    {
        var run = await Some.ClaimedRunAsync(cases: 2);
        await Some.Claims.SaveResultsAsync(run, [Some.Result((await Some.UnansweredAsync(run.Id))[0].Id)], default);

        await FluentActions.Awaiting(() => Some.Claims.CompleteAsync(run, default)).Should().ThrowAsync<InvalidOperationException>();

        (await Some.Runs.GetAsync(run.Id, default)).Status.Should().Be(RunStatus.Running);
        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Running);
    }

    [Test]
    public async Task FailAttemptAsync_AttemptsLeft_WaitsTwiceAsLongEachTimeThenFails()
    {
        var run = await Some.ClaimedRunAsync();
        var batch = await Some.Dispatches.GetBatchAsync(run.TenantBatchId!.Value, default);

        (await Some.Claims.FailAttemptAsync(run, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Pending);
        batch = await Some.NextBatchAsync(batch);
        (await Some.ClaimAsync(batch)).Should().BeEmpty("the first wait is one minute");
        await Database.PassAsync(TimeSpan.FromSeconds(61));
        var second = (await Some.ClaimAsync(batch)).Single();
        (await Some.Claims.FailAttemptAsync(second, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Pending);
        batch = await Some.NextBatchAsync(batch);
        await Database.PassAsync(TimeSpan.FromSeconds(61));
        (await Some.ClaimAsync(batch)).Should().BeEmpty("the second wait is two minutes");
        await Database.PassAsync(TimeSpan.FromSeconds(61));
        var third = (await Some.ClaimAsync(batch)).Single();
        (await Some.Claims.FailAttemptAsync(third, "refused", 3, Backoff, false, default)).Should().Be(RunStatus.Failed);

        third.Attempt.Should().Be(3);
        (await Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Failed && each.FailedAttempts == 3 && each.Error == "refused");
        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [Test]
    public async Task FailAttemptAsync_ToBeRetried_DeletesErroredResultsAndKeepsTheRest()
    {
        var run = await Some.ClaimedRunAsync(cases: 3);
        var cases = await Some.UnansweredAsync(run.Id);
        await Some.Claims.SaveResultsAsync(run, [Some.Result(cases[0].Id), Some.Result(cases[1].Id, CaseVerdict.Errored)], default);

        await Some.Claims.FailAttemptAsync(run, "broken", 3, Backoff, false, default);

        (await Some.UnansweredAsync(run.Id)).Select(each => each.Ordinal).Should().Equal(2, 3);
    }

    [Test]
    public async Task ReleaseAsync_UnfinishedRun_IsPendingAtOnceWithoutAFailedAttempt()
    {
        var run = await Some.ClaimedRunAsync(cases: 2);
        await Some.Claims.SaveResultsAsync(run, [Some.Result((await Some.UnansweredAsync(run.Id))[0].Id)], default);

        await Some.Claims.ReleaseAsync(run, default);

        var batch = await Some.NextBatchAsync(await Some.Dispatches.GetBatchAsync(run.TenantBatchId!.Value, default));
        var again = (await Some.ClaimAsync(batch)).Single();
        again.Should().Match<EvaluationRun>(each => each.Attempt == 2 && each.FailedAttempts == 0, "a release is not a failure, and the fence never repeats a number");
        (await Some.UnansweredAsync(run.Id)).Should().HaveCount(1, "finished cases are kept");
    }

    [Test]
    public async Task ReleaseAsync_AfterEndedProcesses_ResetsTheirCount()
    {
        var run = await Some.ClaimedRunAsync();
        await Database.PassAsync(Some.Lease * 2);
        await Some.RescueAsync(3, Backoff);
        run = await Some.ClaimAgainAsync(run);

        await Some.Claims.ReleaseAsync(run, default);

        (await Some.Runs.GetAsync(run.Id, default)).DeathCount.Should().Be(0, "only consecutive ended processes make a run suspect");
    }

    [Test]
    public async Task TallyAsync_ErroredAndUnscored_AreCountedSeparatelyAndNeverPassed()
    {
        var run = await Some.ClaimedRunAsync(cases: 4);
        var cases = await Some.UnansweredAsync(run.Id);
        CaseVerdict[] verdicts = [CaseVerdict.Passed, CaseVerdict.Failed, CaseVerdict.Errored, CaseVerdict.Unscored];
        await Some.Claims.SaveResultsAsync(run, [.. cases.Zip(verdicts, (each, verdict) => Some.Result(each.Id, verdict))], default);

        var tally = await Some.Claims.TallyAsync(run.Id, default);

        tally.Should().BeEquivalentTo(new { CaseCount = 4, PassedCount = 1, FailedCount = 1, ErroredCount = 1, UnscoredCount = 1, OverallScore = 0.5, PassRate = 0.25 });
    }

    [Test]
    public async Task CancelAsync_RunningRun_RestoresEvalStatusAndFencesItsWorker()
    {
        var run = await Some.ClaimedRunAsync();

        await Some.Runs.CancelAsync(run.Id, "test", default);

        (await Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Some.Leases.ListHeldAsync(Some.Owner, [run.Id], default)).Should().BeEmpty();
        await FluentActions.Awaiting(() => Some.Claims.ReleaseAsync(run, default)).Should().ThrowAsync<LeaseLostException>();
        await FluentActions.Awaiting(() => Some.Runs.CancelAsync(run.Id, "test", default)).Should().ThrowAsync<ConflictException>().WithMessage("*CANCELLED*");
    }
}
