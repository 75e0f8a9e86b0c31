using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Hosting;
using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Support;

/// <summary>The whole server with Hangfire and its dashboard on a free port, with its own database.</summary>
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

    internal Some Some { get; }

    public TestDatabase Database => _database;

    public IServiceProvider Services => _app.Services;

    public Uri Url => new(_app.Urls.First());

    public static Task<RunningServer> StartAsync(params (string Name, string Value)[] settings) => StartAsync<SqliteTestDatabase>(settings);

    /// <summary>Starts a server with Hangfire in memory, because the tests are about the product's own storage.</summary>
    public static async Task<RunningServer> StartAsync<TDatabase>(params (string Name, string Value)[] settings) where TDatabase : TestDatabase, new()
    {
        var database = new TDatabase();
        await database.CreateAsync();
        return await StartOnAsync(database, [("Hangfire:Storage", "InMemory"), .. settings]);
    }

    /// <param name="database">A migrated database. The server drops it when it is disposed.</param>
    /// <param name="settings">Names without "EvalJobs:".</param>
    public static Task<RunningServer> StartOnAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        StartOnAsync(database, ownsDatabase: true, settings);

    /// <summary>A further server on the same database. Dispose it before the first.</summary>
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

            // The tests trigger the ticks.
            ["EvalJobs:Dispatch:Cron"] = "0 0 29 2 *",
            ["EvalJobs:Dispatch:PickUpOnCreate"] = "false",
        };
        foreach (var (name, value) in settings)
            all[$"EvalJobs:{name}"] = value;

        var app = ServerApp.Build(all);
        await ServerApp.StartAsync(app, CancellationToken.None);
        return new RunningServer(database, app, ownsDatabase);
    }

    /// <summary>Triggers the recurring job as the dashboard does, and waits until the tick and all its batches have ended.</summary>
    internal async Task<Dispatch> TickAsync(CancellationToken cancellationToken = default)
    {
        var before = (await Some.Dispatches.ListAsync(1, cancellationToken)).FirstOrDefault()?.Id ?? 0;
        Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        Dispatch? last = null;
        await WaitUntilAsync(
            async () =>
            {
                last = (await Some.Dispatches.ListAsync(1, CancellationToken.None)).FirstOrDefault();
                return last is { FinishedAt: not null } && last.Id > before && await Some.Dispatches.CountLiveBatchesAsync(CancellationToken.None) == 0;
            },
            cancellationToken);
        return last!;
    }

    /// <summary>Waits for something this server will do, for the time of the test, but at most ten minutes. A timeout's message shows the state of batches and jobs.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> isDone, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(10));
        while (!await isDone())
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"The condition was not met in time.\n{await DescribeStateAsync()}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    public async Task<IReadOnlyList<EvaluationRun>> RunsAsync(Tenant tenant) =>
        await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 1000);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsDatabase)
            await _database.DisposeAsync();
    }

    /// <summary>The live batches with the history of their jobs, and the failed jobs.</summary>
    private async Task<string> DescribeStateAsync()
    {
        var hangfire = Services.GetRequiredService<JobStorage>().GetMonitoringApi();
        var live = await _database.ListAsync<(long Id, string Status, string? Job)>(
            $"SELECT Id, Status, HangfireJobId FROM {_database.Schema}TenantBatch WHERE Status IN ('QUEUED', 'RUNNING')");
        var batches = live.Select(batch => $"Batch {batch.Id} is {batch.Status}; its job, newest first: "
            + string.Join(", ", (batch.Job is null ? null : hangfire.JobDetails(batch.Job))?.History.Select(state => $"{state.StateName} {(state.Data.TryGetValue("Result", out var result) ? result : "")}") ?? []));
        var failed = hangfire.FailedJobs(0, 10).Select(job => $"Job {job.Key} failed: {job.Value.ExceptionDetails}");
        return string.Join('\n', batches.Concat(failed));
    }
}
