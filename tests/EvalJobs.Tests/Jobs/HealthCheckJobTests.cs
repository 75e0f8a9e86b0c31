using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class HealthCheckJobTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

    [SetUp]
    public async Task Start() => _server = await JobHarness.StartAsync(new TDatabase());

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task RunAsync_MorePendingRunsThanTheThreshold_IsAWarningWithTheReason()
    {
        await _server.Some.TenantWithRunsAsync(20, slug: "fine");
        await _server.Some.TenantWithRunsAsync(21, slug: "late");

        var report = await CheckAsync();

        report.Overall.Should().Be("WARNING");
        report.Tenants.Select(tenant => (tenant.Tenant, tenant.Status, tenant.PendingCount)).Should().Equal(("late", "WARNING", 21), ("fine", "HEALTHY", 20));
        report.Tenants[0].Reasons.Should().ContainSingle().Which.Should().Contain("21 runs pending").And.Contain("20");
    }

    [Test]
    public async Task RunAsync_NothingWrong_IsHealthy()
    {
        await _server.Some.TenantWithRunsAsync(1);
        await _server.TickAndWorkAsync();

        (await CheckAsync()).Should().Match<HealthReport>(report => report.Overall == "HEALTHY" && report.Reasons.Count == 0);
    }

    [Test]
    public async Task RunAsync_OldestDueLongerThanTwoTicks_IsAWarningUnlessPaused()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(11));

        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle().Which.Should().Contain("two ticks");
        await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);
        (await CheckAsync()).Tenants.Single().Status.Should().Be("HEALTHY", "its runs wait because a user paused it");
    }

    [Test]
    public async Task RunAsync_LeaseExpired_IsAWarning()
    {
        await _server.Some.ClaimedRunAsync();
        await _server.Database.PassAsync(Some.Lease * 2);

        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle().Which.Should().Contain("expired lease");
    }

    [Test]
    public async Task RunAsync_EveryAttemptFails_IsAWarningUntilARunCompletes()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        var batch = await FailAttemptsAsync(await _server.Some.LiveBatchAsync(tenant));
        batch = await FailAttemptsAsync(batch);

        (await CheckAsync()).Tenants.Single().Status.Should().Be("HEALTHY", "two failed attempts may be a short failure of the agent");
        batch = await FailAttemptsAsync(batch);
        var run = await _server.OnlyRunAsync(tenant);
        run.Status.Should().Be(RunStatus.Failed);
        var reasons = (await CheckAsync()).Tenants.Single().Reasons;
        reasons.Should().HaveCount(2).And.NotContain(reason => reason.Contains("REPLY"));
        reasons[0].Should().StartWith("3 attempts of the agent").And.Contain($"Run {run.Id} says why");
        reasons[1].Should().StartWith($"Run {run.Id} failed permanently");

        await _server.Some.PendingRunAsync(tenant);
        await CompleteRunAsync(batch);

        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle("a batch need not end before its completed run counts")
            .Which.Should().StartWith($"Run {run.Id} failed permanently", "a run of another version does not replace it");
        await _server.Some.Runs.AcknowledgeAsync(run.Id, null, "test", default);
        (await CheckAsync()).Tenants.Single().Status.Should().Be("HEALTHY");
    }

    [Test]
    public async Task RunAsync_LongSuiteAnswersInTurns_OldFailuresOfItsAgentDoNotCount()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(2);
        var batch = await FailAttemptsAsync(await _server.Some.LiveBatchAsync(tenant));
        batch = await FailAttemptsAsync(batch);
        await _server.Some.Dispatches.FinishBatchAsync(batch, BatchStatus.Completed, default, null, default);
        await _server.Database.PassAsync(TimeSpan.FromDays(3));

        batch = await _server.Some.LiveBatchAsync(tenant);
        for (var turn = 0; turn < 6; turn++)
        {
            var runs = await _server.Some.ClaimAsync(batch);
            foreach (var run in runs)
                await _server.Some.Claims.ReleaseToEndAsync(run, default);
            batch = await _server.Some.NextBatchAsync(batch, new BatchCounts(runs.Count, Released: runs.Count));
        }

        (await CheckAsync()).Tenants.Single().Reasons.Should().BeEmpty("turns got answers since");
    }

    [Test]
    public async Task RunAsync_WorkersEndRepeatedly_TheAgentIsNotReportedAsUnresponsive()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(3);
        for (var crash = 0; crash < 2; crash++)
        {
            await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant));
            await _server.Database.PassAsync(Some.Lease * 2);
            await _server.Some.RescueAsync(3, TimeSpan.Zero);
            await _server.Some.Dispatches.AbandonExpiredBatchesAsync(default);
        }

        (await CheckAsync()).Tenants.Single().Reasons.Should().NotContain(reason => reason.Contains("attempts of the agent"), "the servers ended, the agent did not fail");
    }

    [Test]
    public async Task RunAsync_EveryAttemptFails_IsNotReportedAfterADayOrWhilePaused()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(3);
        _server.Agent.Answer = (_, _) => throw new AgentCallException("down");
        await _server.TickAndWorkAsync();

        (await CheckAsync()).Tenants.Single().Reasons.Should().Contain(reason => reason.Contains("9 attempts of the agent"), "three runs had three each");
        await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);
        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle("its attempts are over, its failed runs are not").Which.Should().StartWith("3 runs failed permanently");
        await _server.Some.Tenants.SetPausedAsync(tenant.Id, false, "test", default);
        await _server.Database.PassAsync(TimeSpan.FromHours(25));
        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle().Which.Should().StartWith("3 runs failed permanently");
    }

    [Test]
    public async Task RunAsync_OneAgentAnswersAndAnotherDoesNot_TheDeadOneIsNamed()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        await _server.TickAndWorkAsync();
        var dead = await _server.Some.Versions.CreateAsync(tenant.Id, "dead", "v1", Some.Genome(), null, "test", default);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (_, _) => throw new AgentCallException("this agent only");
        await _server.Some.Runs.CreateAsync(dead.Id, null, 0, RunTrigger.Manual, "test", default);
        for (var attempt = 0; attempt < 3; attempt++)
            await _server.TickAndWorkAsync();
        _server.Agent.Answer = answer;
        await _server.Some.PendingRunAsync(tenant);
        await _server.TickAndWorkAsync();

        (await CheckAsync()).Tenants.Single().Reasons.Should().Contain(reason => reason.StartsWith("3 attempts of the agent 'dead' failed"));
    }

    [Test]
    public async Task RunAsync_TicksStopped_IsAWarningOfTheServer()
    {
        await _server.TickAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(20));

        (await CheckAsync()).Reasons.Should().ContainSingle().Which.Should().Contain("tick was missed");
    }

    [Test]
    public async Task RunAsync_TicksBeginButNeverFinish_IsAWarningOfTheServer()
    {
        await _server.TickAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(20));
        for (var tick = 0; tick < 3; tick++)
            await _server.Some.Dispatches.StartAsync(DispatchTrigger.Recurring, default);

        (await CheckAsync()).Reasons.Should().ContainSingle().Which.Should().Contain("tick was missed").And.Contain("did not finish");
    }

    [Test]
    public async Task RunAsync_StatusChanges_OnlyThenSinceChanges()
    {
        await _server.Some.TenantWithRunsAsync(1);
        await CheckAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(1));
        var before = await LoadAsync();

        await CheckAsync();
        var same = await LoadAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(11));
        await CheckAsync();
        var worse = await LoadAsync();

        same.Should().Match<TenantLoad>(load => load.PreviousStatus == HealthStatus.Healthy && load.PreviousSince == before.PreviousSince);
        worse.Should().Match<TenantLoad>(load => load.PreviousStatus == HealthStatus.Warning && load.PreviousSince > before.PreviousSince);

        async Task<TenantLoad> LoadAsync() => (await _server.Get<EvalJobs.Data.TenantHealthRepository>().ListLoadAsync(default)).Single();
    }

    [Test]
    public async Task RunAsync_PoolWithoutALiveServer_IsAWarningUntilOneStarts()
    {
        var pools = _server.Get<EvalJobs.Data.WorkerPoolRepository>();
        await _server.Some.Tenants.AddAsync("fast", "Fast", new TenantLimits(WorkerPool: "gpu"), "test", default);
        await pools.AnnounceAsync("common:1:a", Pool(Tenant.CommonPool, 8), Some.Lease, default);

        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle().Which.Should().Contain("'gpu'");
        await pools.AnnounceAsync("gpu:1:b", Pool("gpu", 2), Some.Lease, default);
        (await CheckAsync()).Tenants.Single().Status.Should().Be("HEALTHY");
        await pools.WithdrawAsync("gpu:1:b", default);
        (await CheckAsync()).Tenants.Single().Status.Should().Be("WARNING");
    }

    [Test]
    public async Task RunAsync_ServersRunButNoneWorksTheCommonPool_IsAWarningForWaitingTenants()
    {
        var pools = _server.Get<EvalJobs.Data.WorkerPoolRepository>();
        await _server.Some.TenantWithRunsAsync(1, slug: "waits");
        await _server.Some.TenantAsync("idle");
        (await CheckAsync()).Overall.Should().Be("HEALTHY", "without any server, commands may do the work");

        await pools.AnnounceAsync("gpu:1:b", Pool("gpu", 2), Some.Lease, default);

        (await CheckAsync()).Tenants.Where(tenant => tenant.Status == "WARNING").Select(tenant => tenant.Tenant).Should().Equal("waits");
    }

    [Test]
    public async Task ListAsync_ServerEnded_ItsPoolsAreDroppedWhenTheLeaseExpires()
    {
        var pools = _server.Get<EvalJobs.Data.WorkerPoolRepository>();
        await pools.AnnounceAsync("gpu:1:b", Pool("gpu", 2), Some.Lease, default);
        await pools.AnnounceAsync("gpu:1:b", Pool("gpu", 3), Some.Lease, default);

        (await pools.ListAsync(default)).Should().ContainSingle().Which.WorkerCount.Should().Be(3);
        await _server.Database.PassAsync(Some.Lease * 2);
        (await pools.ListAsync(default)).Should().BeEmpty();
    }

    /// <summary>Everything due fails once, and the batch ends with that count.</summary>
    /// <returns>The next batch.</returns>
    private async Task<TenantBatch> FailAttemptsAsync(TenantBatch batch)
    {
        var runs = await _server.Some.ClaimAsync(batch);
        foreach (var run in runs)
            await _server.Some.Claims.FailAttemptAsync(run, "says REPLY", 3, TimeSpan.Zero, false, default);
        return await _server.Some.NextBatchAsync(batch, new BatchCounts(runs.Count, Failed: runs.Count));
    }

    private async Task CompleteRunAsync(TenantBatch batch)
    {
        var run = (await _server.Some.ClaimAsync(batch)).Single();
        var cases = await _server.Some.UnansweredAsync(run.Id);
        await _server.Some.Claims.SaveResultsAsync(run, [.. cases.Select(each => Some.Result(each.Id, CaseVerdict.Passed))], default);
        await _server.Some.Claims.CompleteAsync(run, default);
    }

    private static Dictionary<string, int> Pool(string name, int workers) => new(StringComparer.Ordinal) { [name] = workers };

    private Task<HealthReport> CheckAsync() => _server.Get<HealthCheckJob>().RunAsync(default);
}
