using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using EvalJobs.Server.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Support;

/// <summary>The product's own service registrations on a test database, with a scripted agent in addition to the real ones, and without Hangfire.</summary>
public sealed class JobHarness : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;
    private bool _ownsDatabase = true;

    private JobHarness(TestDatabase database, Dictionary<string, string?> settings, ILoggerProvider? log, TimeProvider clock, IReadOnlyDictionary<string, int>? pools = null)
    {
        _database = database;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["EvalJobs:Storage:Provider"] = $"{database.Options.Provider}",
            ["EvalJobs:Storage:ConnectionString"] = database.Options.ConnectionString,
            ["EvalJobs:Execution:RetryBackoff"] = "00:00:00",
        }).AddInMemoryCollection(settings).Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging =>
            {
                logging.SetMinimumLevel(log is null ? LogLevel.None : LogLevel.Trace);
                if (log is not null)
                    logging.AddProvider(log);
            })
            .AddServerServices(configuration)
            .AddSingleton(clock)
            .AddSingleton<IAgentType>(Agent)
            .AddSingleton(pools is null ? WorkerPools.None : new WorkerPools(pools, IsShared: false))
            .AddSingleton<InlineTenantBatchQueue>()
            .AddSingleton<ITenantBatchQueue>(provider => provider.GetRequiredService<InlineTenantBatchQueue>())
            .BuildServiceProvider();
        Some = new Some(database.Database);
    }

    public ScriptedAgent Agent { get; } = new();

    internal Some Some { get; }

    public TestDatabase Database => _database;

    public static async Task<JobHarness> StartAsync(
        TestDatabase database, Dictionary<string, string?>? settings = null, ILoggerProvider? log = null, TimeProvider? clock = null, IReadOnlyDictionary<string, int>? pools = null)
    {
        await database.CreateAsync();
        var harness = new JobHarness(database, settings ?? [], log, clock ?? TimeProvider.System, pools);
        await harness.Get<LeaseKeeper>().StartAsync(CancellationToken.None);
        return harness;
    }

    /// <summary>A further server on the same database. Dispose it before the database.</summary>
    public async Task<JobHarness> JoinAsync()
    {
        var harness = new JobHarness(_database, [], null, TimeProvider.System) { _ownsDatabase = false };
        await harness.Get<LeaseKeeper>().StartAsync(CancellationToken.None);
        return harness;
    }

    public IServiceProvider Services => _services;

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    internal Task<DispatchSummary> TickAsync() => Get<DispatchPendingEvaluationsJob>().RunAsync(CancellationToken.None);

    /// <summary>Works every queued batch and its continuations.</summary>
    internal async Task<List<TenantBatchSummary>> WorkAsync(CancellationToken cancellationToken = default)
    {
        var queue = Get<InlineTenantBatchQueue>();
        var summaries = new List<TenantBatchSummary>();
        for (var batches = queue.TakeAll(); batches.Count > 0; batches = queue.TakeAll())
            summaries.AddRange(await Task.WhenAll(batches.Select(id => Get<TenantBatchJob>().RunAsync(id, cancellationToken))));
        return summaries;
    }

    internal async Task<List<TenantBatchSummary>> TickAndWorkAsync()
    {
        await TickAsync();
        return await WorkAsync();
    }

    public async Task<EvaluationRun> OnlyRunAsync(Tenant tenant) =>
        (await Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 2)).Single();

    public async ValueTask DisposeAsync()
    {
        await Get<LeaseKeeper>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        if (_ownsDatabase)
            await _database.DisposeAsync();
    }
}
