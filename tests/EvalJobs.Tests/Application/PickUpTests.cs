using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Application;

/// <summary>A run that a use case creates is picked up at once if <c>Dispatch:PickUpOnCreate</c> is on.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class PickUpTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [TestCase(true, 1)]
    [TestCase(false, 0)]
    public async Task CreateVersion_EntersTesting_QueuesABatchWhereConfigured(bool pickUp, int batches)
    {
        await using var harness = await StartAsync(pickUp);
        var tenant = await harness.Some.TenantAsync();
        await harness.Some.SuiteAsync(tenant);

        var created = await harness.Get<CreateVersion>().ExecuteAsync(NewVersion(tenant, entersTesting: true), "test", CancellationToken.None);

        created.Run!.Status.Should().Be(RunStatus.Pending);
        harness.Get<InlineTenantBatchQueue>().TakeAll().Should().HaveCount(batches);
    }

    [Test]
    public async Task CreateVersion_StaysInDraft_CreatesNoRun()
    {
        await using var harness = await StartAsync(pickUp: true);
        var tenant = await harness.Some.TenantAsync();
        await harness.Some.SuiteAsync(tenant);

        var created = await harness.Get<CreateVersion>().ExecuteAsync(NewVersion(tenant, entersTesting: false), "test", CancellationToken.None);

        created.Run.Should().BeNull();
        created.Version.LifecycleState.Should().Be(LifecycleState.Draft);
        harness.Get<InlineTenantBatchQueue>().TakeAll().Should().BeEmpty();
    }

    [Test]
    public async Task CreateVersion_SuiteForAVersionThatStaysInDraft_IsRejected()
    {
        await using var harness = await StartAsync(pickUp: true);
        var tenant = await harness.Some.TenantAsync();
        var suite = await harness.Some.SuiteAsync(tenant);

        var create = () => harness.Get<CreateVersion>().ExecuteAsync(
            NewVersion(tenant, entersTesting: false) with { SuiteId = suite.Id }, "test", CancellationToken.None);

        await create.Should().ThrowAsync<InvalidInputException>().WithMessage("*TESTING*");
        (await harness.Some.Versions.ListAsync(tenant.Id, long.MaxValue, 10, CancellationToken.None)).Should().BeEmpty();
    }

    [Test]
    public async Task RequestTransitionAndRetry_EachQueuesABatch()
    {
        await using var harness = await StartAsync(pickUp: true);
        var queue = harness.Get<InlineTenantBatchQueue>();

        var requested = await harness.Some.TenantAsync();
        await harness.Some.SuiteAsync(requested);
        var version = await harness.Some.VersionAsync(requested);
        var run = await harness.Get<RequestRun>().ExecuteAsync(version.Id, null, 0, "test", CancellationToken.None);
        queue.TakeAll().Should().ContainSingle();

        var moved = await harness.Some.TenantAsync();
        await harness.Some.SuiteAsync(moved);
        var draft = await harness.Some.VersionAsync(moved);
        (await harness.Get<TransitionVersion>().ExecuteAsync(draft.Id, LifecycleState.Testing, null, 0, "test", CancellationToken.None))
            .Run!.Status.Should().Be(RunStatus.Pending);
        queue.TakeAll().Should().ContainSingle();

        var retried = await harness.Some.TenantAsync();
        await harness.Some.SuiteAsync(retried);
        var cancelled = await harness.Some.PendingRunAsync(retried);
        await harness.Get<CancelRun>().ExecuteAsync(cancelled.Id, "test", CancellationToken.None);
        (await harness.Get<RetryRun>().ExecuteAsync(cancelled.Id, "test", CancellationToken.None)).Trigger.Should().Be(RunTrigger.Retry);
        queue.TakeAll().Should().ContainSingle();
        run.Trigger.Should().Be(RunTrigger.Manual);
    }

    private static Task<JobHarness> StartAsync(bool pickUp) =>
        JobHarness.StartAsync(new TDatabase(), new Dictionary<string, string?>(StringComparer.Ordinal) { ["EvalJobs:Dispatch:PickUpOnCreate"] = $"{pickUp}" });

    private static NewVersion NewVersion(Tenant tenant, bool entersTesting) =>
        new() { TenantId = tenant.Id, AgentName = "agent", Label = "1", Genome = Some.Genome(), EntersTesting = entersTesting };
}
