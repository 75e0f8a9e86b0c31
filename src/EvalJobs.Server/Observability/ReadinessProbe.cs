using EvalJobs.Data;
using EvalJobs.Execution;
using EvalJobs.Jobs;
using Hangfire;
using Hangfire.Storage;

namespace EvalJobs.Server.Observability;

/// <summary>Whether this server can work: database, schema, Hangfire's storage, workers, ticks, leases.</summary>
/// <remarks>An answer is cached for a few seconds and loaded once at a time, so the cost for the database does not grow with the number of requests.</remarks>
internal sealed partial class ReadinessProbe(
    TenantHealthRepository health, TickAssessment ticks, SchemaMigrator migrator, JobStorage jobs, WorkerPools pools, LeaseKeeper leases,
    ExecutionOptions execution, TimeProvider clock, ILogger<ReadinessProbe> logger) : IDisposable
{
    private const string Ok = "ok";

    private static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Hangfire's servers write a heartbeat every 30 seconds; two in a row may be late.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(90);

    private readonly SemaphoreSlim _checkLock = new(1);
    private Readiness? _last;
    private DateTimeOffset? _ticksSince;
    private long _askedAt;

    /// <returns>The latest answer, at most a few seconds old.</returns>
    public async Task<Readiness> ReadAsync(CancellationToken cancellationToken)
    {
        await _checkLock.WaitAsync(cancellationToken);
        try
        {
            if (_last is null || clock.GetElapsedTime(_askedAt) >= CacheDuration)
            {
                _last = await AskAsync();
                _askedAt = clock.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _checkLock.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _checkLock.Dispose();

    private async Task<Readiness> AskAsync()
    {
        var database = CheckAsync("database", async token =>
        {
            await health.ReadClockAsync(token);
            return Ok;
        });
        var tick = CheckAsync("ticks", CheckTicksAsync);
        var schema = CheckAsync("schema", _ => Task.FromResult(CheckSchema()));
        var hangfire = CheckAsync("hangfire", _ => Task.FromResult(CheckWorkers()));
        await Task.WhenAll(database, schema, hangfire, tick);

        return new Readiness(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["database"] = await database,
            ["schema"] = await schema,
            ["hangfire"] = await hangfire,
            ["ticks"] = await tick,
            ["leases"] = leases.SinceRenewal is { } age && age < execution.Lease ? Ok : "not renewed",
        });
    }

    /// <summary>Counted from the first answer, because after a downtime the next tick is still to come.</summary>
    private async Task<string> CheckTicksAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        if (_ticksSince is not { } since || since > now)
            _ticksSince = now;
        return await ticks.AssessAsync(now, _ticksSince, cancellationToken) is null ? Ok : "missed";
    }

    private string CheckSchema()
    {
        try
        {
            migrator.EnsureCurrent();
            return Ok;
        }
        catch (SchemaException)
        {
            return "not current";
        }
    }

    private string CheckWorkers()
    {
        // The clock by which the heartbeats were written. The clock of this machine may differ by minutes.
        using var connection = (JobStorageConnection)jobs.GetConnection();
        var now = connection.GetUtcDateTime();

        // Machine and process id together: in containers every server is process 1, and one machine may have several servers.
        var alive = jobs.GetMonitoringApi().Servers()
            .Where(server => server.Name.StartsWith($"{Environment.MachineName}:", StringComparison.OrdinalIgnoreCase))
            .Where(server => server.Name.Contains($":{Environment.ProcessId}:", StringComparison.Ordinal))
            .Where(server => now - (server.Heartbeat ?? server.StartedAt) < LongestSilence)
            .SelectMany(server => server.Queues)
            .ToHashSet(StringComparer.Ordinal);
        return pools.Pools.Keys.Append(JobSchedule.Queue).All(alive.Contains) ? Ok : "workers missing";
    }

    /// <summary>On a separate thread and with a deadline, so that the answer does not wait for a database that hangs.</summary>
    private async Task<string> CheckAsync(string what, Func<CancellationToken, Task<string>> check)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await Task.Run(() => check(limit.Token), limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }
        catch (DatabaseMovedException)
        {
            return "moved or replaced";
        }
        catch (Exception error)
        {
            LogCheckFailed(error, what);
            return "unreachable";
        }
    }

    [LoggerMessage(6210, LogLevel.Debug, "The readiness check of {What} failed")]
    private partial void LogCheckFailed(Exception error, string what);
}

/// <summary>Whether a server can work.</summary>
/// <param name="Checks">One or two words for each check; <c>ok</c> when it passed.</param>
internal sealed record Readiness(IReadOnlyDictionary<string, string> Checks)
{
    /// <summary>Whether every check passed.</summary>
    public bool IsReady => Checks.Values.All(word => word == "ok");
}
