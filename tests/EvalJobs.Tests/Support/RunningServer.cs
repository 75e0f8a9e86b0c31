using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server;
using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Support;

/// <summary>The whole server with Hangfire and its dashboard on a free port, over a database of its own.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly bool _ownsDatabase;

    private RunningServer(TestDatabase database, WebApplication app, bool ownsDatabase)
    {
        _database = database;
        _app = app;
        _ownsDatabase = ownsDatabase;
        Some = new Some(database.Database);
    }

    public Some Some { get; }

    public TestDatabase Database => _database;

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.First());

    public static Task<RunningServer> StartAsync(params (string Name, string Value)[] settings) => StartAsync<SqliteTestDatabase>(settings);

    /// <summary>With Hangfire in memory: our own storage is on trial.</summary>
    public static async Task<RunningServer> StartAsync<TDatabase>(params (string Name, string Value)[] settings) where TDatabase : TestDatabase, new()
    {
        var database = new TDatabase();
        await database.CreateAsync();
        return await StartOnAsync(database, [("Hangfire:Storage", "InMemory"), .. settings]);
    }

    /// <param name="database">Migrated; the server drops it at its end.</param>
    /// <param name="settings">Without "EvalJobs:".</param>
    public static Task<RunningServer> StartOnAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        StartOnAsync(database, ownsDatabase: true, settings);

    /// <summary>A further server on the same database, which must outlive it.</summary>
    public Task<RunningServer> JoinAsync(params (string Name, string Value)[] settings) =>
        StartOnAsync(_database, ownsDatabase: false, [("Hangfire:Storage", "InMemory"), .. settings]);

    private static async Task<RunningServer> StartOnAsync(TestDatabase database, bool ownsDatabase, (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:Hangfire"] = "None",
            ["EvalJobs:Storage:Provider"] = $"{database.Options.Provider}",
            ["EvalJobs:Storage:ConnectionString"] = database.Options.ConnectionString,
            ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1",
            ["EvalJobs:Agents:MaxRetries"] = "0",
            ["EvalJobs:Execution:RetryBackoff"] = "00:00:00",

            // The tests say when a tick is.
            ["EvalJobs:Dispatch:Cron"] = "0 0 29 2 *",
        };
        foreach (var (name, value) in settings)
            all[$"EvalJobs:{name}"] = value;

        var app = ServerApp.Build(all);
        await ServerApp.StartAsync(app, CancellationToken.None);
        return new RunningServer(database, app, ownsDatabase);
    }

    /// <summary>Triggers the recurring job as the dashboard does, and waits until the tick and all its batches have ended.</summary>
    public async Task<Dispatch> TickAsync(CancellationToken cancellationToken = default)
    {
        var before = (await Some.Dispatches.ListAsync(1, cancellationToken)).FirstOrDefault()?.Id ?? 0;
        Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        while (true)
        {
            await Task.Delay(50, CancellationToken.None);
            var last = (await Some.Dispatches.ListAsync(1, CancellationToken.None)).FirstOrDefault();
            if (last is { FinishedAt: not null } && last.Id > before && await Some.Dispatches.CountLiveBatchesAsync(CancellationToken.None) == 0)
                return last;
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"The tick has not ended: {last}\n{await TellAsync()}");
        }
    }

    public async Task<IReadOnlyList<EvaluationRun>> RunsAsync(Tenant tenant) =>
        await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 1000);

    /// <summary>What a test that waits in vain should say.</summary>
    public async Task<string> TellAsync()
    {
        var live = await _database.ListAsync<string>(
            $"SELECT CONCAT('batch ', Id, ' ', Status, ' until ', LeaseUntil, ', job ', HangfireJobId) FROM {_database.Schema}TenantBatch WHERE Status IN ('QUEUED', 'RUNNING')");
        var failed = Services.GetRequiredService<JobStorage>().GetMonitoringApi().FailedJobs(0, 10).Select(job => $"failed job {job.Key}: {job.Value.ExceptionDetails}");
        return string.Join('\n', live.Concat(failed));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsDatabase)
            await _database.DisposeAsync();
    }
}
