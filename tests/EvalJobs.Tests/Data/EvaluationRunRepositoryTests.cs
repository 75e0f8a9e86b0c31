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
        (await Some.Runs.GetAsync(failed.Id, default)).Status.Should().Be(RunStatus.Failed, "the old run stays as it is");
        await FluentActions.Awaiting(() => Some.Runs.RetryAsync(failed.Id, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage($"*run {retried.Id}*one at a time*");
    }

    [Test]
    public async Task RetryAsync_RunThatHasNotFailed_IsRefused()
    {
        var run = await Some.ClaimedRunAsync();

        await FluentActions.Awaiting(() => Some.Runs.RetryAsync(run.Id, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*is RUNNING; only a FAILED or CANCELLED run is retried*");
    }

    [Test]
    public async Task RetryAsync_CancelledRun_GetsAnother()
    {
        var run = await Some.ClaimedRunAsync();
        await Some.Runs.CancelAsync(run.Id, "test", default);

        (await Some.Runs.RetryAsync(run.Id, "test", default)).VersionId.Should().Be(run.VersionId);
    }
}
