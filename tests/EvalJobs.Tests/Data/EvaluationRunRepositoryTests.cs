using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class EvaluationRunRepositoryTests<TDatabase> : DatabaseFixture<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    public async Task RetryAsync_FailedRunOfAnOlderRevision_RepeatsThatRevisionByItsThreshold()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 3, threshold: 0.9);
        await Some.PendingRunAsync(tenant, priority: 7);
        var failed = (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant))).Single();
        await Some.Claims.FailAttemptAsync(failed, "refused", 3, TimeSpan.Zero, isPermanent: true, default);
        await Some.SuiteAsync(tenant, cases: 5, threshold: 0.1);

        var retried = await Some.Runs.RetryAsync(failed.Id, "test", default);

        retried.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.Trigger == RunTrigger.Retry && run.Attempt == 0
            && run.SuiteRevision == 1 && run.CaseCount == 3 && run.PassThreshold == 0.9 && run.Priority == 7);
        (await Some.Versions.GetAsync(failed.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Running);
        (await Some.Runs.GetAsync(failed.Id, default)).Status.Should().Be(RunStatus.Failed, "the old run does not change");
        await FluentActions.Awaiting(() => Some.Runs.RetryAsync(failed.Id, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage($"*run {retried.Id}*one at a time*");
    }

    [Test]
    public async Task RetryAsync_RunThatHasNotFailed_IsRejected()
    {
        var run = await Some.ClaimedRunAsync();

        await FluentActions.Awaiting(() => Some.Runs.RetryAsync(run.Id, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*is RUNNING; only a FAILED or CANCELLED run is retried*");
    }

    [Test]
    public async Task RetryAsync_CancelledRun_CreatesAnother()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Runs.CancelAsync(run.Id, "test", default);

        (await Some.Runs.RetryAsync(run.Id, "test", default)).VersionId.Should().Be(run.VersionId);
    }

    [Test]
    public async Task AcknowledgeAsync_FailedRun_NeedsNoActionAndStoresTheUser()
    {
        var failed = await FailedRunAsync();
        (await NeedingActionAsync(failed)).Should().Equal(failed.Id);

        await Some.Runs.AcknowledgeAsync(failed.Id, "the host was being replaced", "web:alice", default);

        (await NeedingActionAsync(failed)).Should().BeEmpty();
        (await Some.Runs.GetAsync(failed.Id, default)).Should().Match<EvaluationRun>(run => run.AcknowledgedBy == "web:alice" && run.AcknowledgedAt != null);
        (await Some.Changes.ListAsync(new EvalJobs.Data.AuditFilter { TenantIds = [failed.TenantId] }, 1, default)).Single().Should().Match<ChangeRecord>(record =>
            record.Type == ChangeType.RunAcknowledged && record.TargetId == failed.Id && record.Actor == "web:alice" && record.Payload.Contains("being replaced"));
        await FluentActions.Awaiting(() => Some.Runs.AcknowledgeAsync(failed.Id, null, "web:bob", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*acknowledged already, by web:alice*");
    }

    [Test]
    public async Task AcknowledgeAsync_RunThatHasNotFailed_IsRejected()
    {
        var run = await Some.ClaimedRunAsync();

        await FluentActions.Awaiting(() => Some.Runs.AcknowledgeAsync(run.Id, null, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*is RUNNING; only a FAILED run is acknowledged*");
        await FluentActions.Awaiting(() => Some.Runs.AcknowledgeAsync(run.Id + 1, null, "test", default)).Should().ThrowAsync<NotFoundException>();
    }

    [Test]
    public async Task NeedsAction_RetriedRun_IsFalseWhileTheRetryIsLiveOrCompleted()
    {
        var failed = await FailedRunAsync();

        var retried = await Some.Runs.RetryAsync(failed.Id, "test", default);

        retried.RepeatsRunId.Should().Be(failed.Id);
        (await Some.Runs.ListRepeatingAsync(failed.Id, default)).Should().Equal(retried.Id);
        (await NeedingActionAsync(failed)).Should().BeEmpty();
        await Some.Runs.CancelAsync(retried.Id, "test", default);
        (await NeedingActionAsync(failed)).Should().Equal([failed.Id], "a cancelled run replaces nothing");
        await Some.Runs.RetryAsync(failed.Id, "test", default);
        var again = (await Some.ClaimAsync(await Some.Dispatches.GetBatchAsync(failed.TenantBatchId!.Value, default))).Single();
        await Some.Claims.FailAttemptAsync(again, "refused", 3, TimeSpan.Zero, isPermanent: true, default);
        (await NeedingActionAsync(failed)).Should().Equal([again.Id], "only the latest failure needs action");
    }

    [Test]
    public async Task ReadContextAsync_ParentRanTheSuite_NamesTheLatestRunThatCompleted()
    {
        var tenant = await Some.TenantAsync();
        await Some.SuiteAsync(tenant, cases: 1);
        var first = await CompleteAsync(tenant, await Some.PendingRunAsync(tenant));
        var child = await Some.Versions.CreateAsync(tenant.Id, "agent", "child", Some.Genome(), first.VersionId, "test", default);
        var run = (await Some.Versions.TransitionAsync(child.Id, LifecycleState.Testing, null, 0, "test", default)).Run!;

        (await Some.Runs.ReadContextAsync(run, default)).Should().BeEquivalentTo(new { ComparedRunId = first.Id, BatchId = (long?)null });
        var second = await CompleteAsync(tenant, await Some.Runs.CreateAsync(first.VersionId, first.SuiteId, 9, RunTrigger.Manual, "test", default));
        await Some.Runs.CancelAsync((await Some.Runs.CreateAsync(first.VersionId, first.SuiteId, 0, RunTrigger.Manual, "test", default)).Id, "test", default);

        (await Some.Runs.ReadContextAsync(run, default)).ComparedRunId.Should().Be(second.Id, "a cancelled run has nothing to compare");
        (await Some.Runs.ReadContextAsync(second, default)).Should().BeEquivalentTo(new { ComparedRunId = (long?)null, BatchId = second.TenantBatchId }, "its version has no parent");
    }

    [TestCase(null, null, null)]
    [TestCase(3L, null, 3L)]
    [TestCase(null, 4L, 4L)]
    [TestCase(3L, 4L, 4L)]
    [TestCase(5L, 4L, 5L)]
    public void ComparedRunId_LiveAndArchivedRunsOfTheParent_IsTheLatest(long? live, long? archived, long? compared) =>
        new RunContext { ReadAt = default, ParentRunId = live, ArchivedParentRunId = archived }.ComparedRunId.Should().Be(compared);

    private async Task<EvaluationRun> CompleteAsync(Tenant tenant, EvaluationRun pending)
    {
        var claim = (await Some.ClaimAsync(await Some.LiveBatchAsync(tenant), 1)).Single(each => each.Id == pending.Id);
        await Some.Claims.SaveResultsAsync(claim, [.. (await Some.UnansweredAsync(claim.Id)).Select(each => Some.Result(each.Id, CaseVerdict.Passed))], default);
        await Some.Claims.CompleteAsync(claim, default);
        await Some.Dispatches.FinishBatchAsync(await Some.Dispatches.GetBatchAsync(claim.TenantBatchId!.Value, default), BatchStatus.Completed, default, null, default);
        return await Some.Runs.GetAsync(claim.Id, default);
    }

    private async Task<EvaluationRun> FailedRunAsync()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Claims.FailAttemptAsync(run, "refused", 3, TimeSpan.Zero, isPermanent: true, default);
        return run;
    }

    private async Task<IEnumerable<long>> NeedingActionAsync(EvaluationRun run) =>
        (await Some.RunLists.ListAsync(new EvalJobs.Data.RunListFilter { TenantIds = [run.TenantId], NeedsAction = true }, 10, default)).Select(row => row.Id);
}
