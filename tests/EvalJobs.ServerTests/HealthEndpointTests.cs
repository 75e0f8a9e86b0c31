using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EvalJobs.Execution;
using EvalJobs.Jobs;
using EvalJobs.Server.Access;
using EvalJobs.Server.Observability;
using EvalJobs.Tests.Support;
using Hangfire.InMemory;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server;

public sealed class HealthEndpointTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_ServerWorks_Is200WithAWordPerCheck(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };

        (await http.GetStringAsync("/health/live", cancellationToken)).Should().Be("alive");
        HttpResponseMessage answer;
        while ((answer = await http.GetAsync("/health/ready", cancellationToken)).StatusCode != HttpStatusCode.OK)
            await Task.Delay(500, cancellationToken);

        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        body.GetProperty("status").GetString().Should().Be("ready");
        body.GetProperty("checks").EnumerateObject().Select(check => (check.Name, check.Value.GetString()))
            .Should().Equal(("database", "ok"), ("schema", "ok"), ("hangfire", "ok"), ("ticks", "ok"), ("leases", "ok"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_SchemaOfAnotherVersion_Is503WithAShortReason(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        await server.Database.ExecuteAsync("DELETE FROM SchemaVersions");

        var answer = await http.GetAsync("/health/ready", cancellationToken);

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        body.GetProperty("status").GetString().Should().Be("unready");
        body.GetProperty("checks").GetProperty("schema").GetString().Should().Be("not current");
        (await http.GetStringAsync("/health/live", cancellationToken)).Should().Be("alive", "a restart would not help");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_DatabaseFolderMoved_SaysSoWithoutDetails(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        var folder = Path.GetDirectoryName(((SqliteTestDatabase)server.Database).File)!;
        Directory.Move(folder, $"{folder}-gone");
        try
        {
            string text;
            do
            {
                await Task.Delay(100, cancellationToken);
                var answer = await http.GetAsync("/health/ready", cancellationToken);
                text = await answer.Content.ReadAsStringAsync(cancellationToken);
            }
            while (!text.Contains("\"database\":\"moved or replaced\"", StringComparison.Ordinal));

            text.Should().NotContain("Exception").And.NotContain("SQLite").And.NotContain(".db").And.Contain("\"status\":\"unready\"");
        }
        finally
        {
            Directory.Move($"{folder}-gone", folder);
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_WorkersOfAnotherMachineWithTheSameProcessId_DoNotCount(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        using var storage = new InMemoryStorage();
        using var probe = ActivatorUtilities.CreateInstance<ReadinessProbe>(server.Services, storage);
        using var laterProbe = ActivatorUtilities.CreateInstance<ReadinessProbe>(server.Services, storage);
        var work = new ServerContext { Queues = [.. server.Services.GetRequiredService<WorkerPools>().Pools.Keys, JobSchedule.Queue], WorkerCount = 1 };
        using var connection = storage.GetConnection();

        connection.AnnounceServer($"elsewhere-{Environment.MachineName}:all:{Environment.ProcessId}:1", work);
        var before = await probe.ReadAsync(cancellationToken);
        connection.AnnounceServer($"{Environment.MachineName.ToUpperInvariant()}:all:{Environment.ProcessId}:1", work);
        var after = await laterProbe.ReadAsync(cancellationToken);

        before.Checks["hangfire"].Should().Be("workers missing", "in containers every server has the process id 1");
        after.Checks["hangfire"].Should().Be("ok");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_MachinesClockIsTenMinutesFast_WorkersStillCount(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        using var storage = new InMemoryStorage();
        using var probe = ActivatorUtilities.CreateInstance<ReadinessProbe>(server.Services, storage, new FastClock());
        using var connection = storage.GetConnection();
        connection.AnnounceServer(
            $"{Environment.MachineName}:all:{Environment.ProcessId}:1",
            new ServerContext { Queues = [.. server.Services.GetRequiredService<WorkerPools>().Pools.Keys, JobSchedule.Queue], WorkerCount = 1 });

        (await probe.ReadAsync(cancellationToken)).Checks["hangfire"].Should().Be("ok", "the heartbeats were written by another clock");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Ready_ManyRequestsAtOnce_AreCheckedOnce(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        var probe = server.Services.GetRequiredService<ReadinessProbe>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => probe.ReadAsync(cancellationToken)));

        answers.Distinct(ReferenceEqualityComparer.Instance).Should().ContainSingle("polling must not load the database");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Health_SignInRequired_StaysOpenToProbes(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync([.. SomeUser.Settings("alice", ViewerRole.Operator)]);
        using var http = new HttpClient { BaseAddress = server.Url };

        (await http.GetAsync("/hangfire", cancellationToken)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await http.GetStringAsync("/health/live", cancellationToken)).Should().Be("alive");
        (await http.GetAsync("/health/ready", cancellationToken)).StatusCode.Should().BeOneOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task SinceRenewal_WhileTheKeeperRuns_IsLessThanALease(CancellationToken cancellationToken)
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase());
        var keeper = server.Get<LeaseKeeper>();
        while (keeper.SinceRenewal is null)
            await Task.Delay(20, cancellationToken);

        keeper.SinceRenewal.Should().BeLessThan(server.Get<ExecutionOptions>().Lease);
    }

    private sealed class FastClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromMinutes(10);
    }
}
