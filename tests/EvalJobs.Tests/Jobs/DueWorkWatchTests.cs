using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>Servers detect work that another process created.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class DueWorkWatchTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task ScanAsync_FirstTime_QueuesWhatBecameDueWhileNoServerRan()
    {
        await StartAsync();
        await _server.Some.TenantWithRunsAsync(1);
        await _server.Database.PassAsync(TimeSpan.FromHours(3));

        (await ScanAsync(_server)).Should().Be(1);
    }

    [Test]
    public async Task ScanAsync_RunCreatedByAnotherProcess_QueuesItsTenantOnce()
    {
        await StartAsync();
        await ScanAsync(_server);
        await _server.Some.TenantWithRunsAsync(1);

        (await ScanAsync(_server)).Should().Be(1);
        (await ScanAsync(_server)).Should().Be(0, "its batch is live");
    }

    [Test]
    public async Task ScanAsync_BackoffOfAFailedAttemptIsOver_QueuesTheTenantAgain()
    {
        await StartAsync(("Execution:RetryBackoff", "00:10:00"), ("Execution:MaxAttempts", "5"));
        await _server.Some.TenantWithRunsAsync(1);
        _server.Agent.Answer = (_, _) => throw new InvalidOperationException("broken");
        await ScanAsync(_server);
        await _server.WorkAsync();
        (await ScanAsync(_server)).Should().Be(0, "it is not due yet");

        await _server.Database.PassAsync(TimeSpan.FromMinutes(10));

        (await ScanAsync(_server)).Should().Be(1);
    }

    [Test]
    public async Task ScanAsync_RunsThatABatchLeft_WaitForTheTick()
    {
        await StartAsync(("Dispatch:ContinueWhileBacklog", "false"), ("Dispatch:BatchLimit", "1"));
        await ScanAsync(_server);
        var tenant = await _server.Some.TenantWithRunsAsync(2);
        await ScanAsync(_server);
        await _server.WorkAsync();

        (await ScanAsync(_server)).Should().Be(0, "this tenant may have one run per tick");
        await _server.Some.PendingRunAsync(tenant);
        (await ScanAsync(_server)).Should().Be(1, "that one is new");
    }

    [Test]
    public async Task ScanAsync_PausedTenant_QueuesNothing()
    {
        await StartAsync();
        await ScanAsync(_server);
        var paused = await _server.Some.TenantWithRunsAsync(1);
        await _server.Some.Tenants.SetPausedAsync(paused.Id, true, "test", default);

        (await ScanAsync(_server)).Should().Be(0);
    }

    [Test]
    public async Task ScanAsync_SeveralServersAtOnce_ServeEachTenantOnce()
    {
        const int tenants = 40;
        await StartAsync();
        await using var other = await _server.JoinAsync();
        await Task.WhenAll(ScanAsync(_server), ScanAsync(other));
        for (var tenant = 0; tenant < tenants; tenant++)
            await _server.Some.TenantWithRunsAsync(1);

        var queued = 0;
        for (var look = 0; look < 5; look++)
            queued += (await Task.WhenAll(Task.Run(() => ScanAsync(_server)), Task.Run(() => ScanAsync(other)))).Sum();

        queued.Should().Be(tenants);
        _server.Get<InlineTenantBatchQueue>().TakeAll().Concat(other.Get<InlineTenantBatchQueue>().TakeAll()).Should().HaveCount(tenants).And.OnlyHaveUniqueItems();
    }

    private async Task StartAsync(params (string Name, string Value)[] settings) =>
        _server = await JobHarness.StartAsync(new TDatabase(), settings.ToDictionary(each => $"EvalJobs:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal));

    private static Task<int> ScanAsync(JobHarness server) => server.Get<DueWorkWatch>().ScanAsync(default);
}
