using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
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
    public async Task RunAsync_TwentyPendingAreFineTwentyOneAreNot_SaysWhy()
    {
        var fine = await _server.Some.TenantWithRunsAsync(20, slug: "fine");
        await _server.Some.TenantWithRunsAsync(21, slug: "late");

        var report = await CheckAsync();

        report.Overall.Should().Be("WARNING");
        report.Tenants.Select(tenant => (tenant.Tenant, tenant.Status, tenant.PendingCount)).Should().Equal(("late", "WARNING", 21), ("fine", "HEALTHY", 20));
        report.Tenants[0].Reasons.Should().ContainSingle().Which.Should().Contain("21 runs pending").And.Contain("20");
        fine.Should().NotBeNull();
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
        (await CheckAsync()).Tenants.Single().Status.Should().Be("HEALTHY", "its runs wait because someone said so");
    }

    [Test]
    public async Task RunAsync_LeaseLapsed_IsAWarning()
    {
        await _server.Some.ClaimedRunAsync();
        await _server.Database.PassAsync(Some.Lease * 2);

        (await CheckAsync()).Tenants.Single().Reasons.Should().ContainSingle().Which.Should().Contain("lapsed lease");
    }

    [Test]
    public async Task RunAsync_TicksStopped_IsAWarningOfTheServer()
    {
        await _server.TickAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(20));

        (await CheckAsync()).Reasons.Should().ContainSingle().Which.Should().Contain("tick was missed");
    }

    [Test]
    public async Task RunAsync_StatusChanges_SinceMovesOnlyThen()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        await CheckAsync();
        var loads = await _server.Get<EvalJobs.Data.TenantHealthRepository>().ListLoadAsync(default);
        await CheckAsync();
        var again = await _server.Get<EvalJobs.Data.TenantHealthRepository>().ListLoadAsync(default);

        again.Single().PreviousStatus.Should().Be(HealthStatus.Healthy);
        again.Single().PreviousSince.Should().Be(loads.Single().PreviousSince);
        tenant.Should().NotBeNull();
    }

    private Task<HealthReport> CheckAsync() => _server.Get<HealthCheckJob>().RunAsync(default);
}
