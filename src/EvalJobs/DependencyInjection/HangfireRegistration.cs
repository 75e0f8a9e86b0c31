using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Jobs;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.SqlServer;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.DependencyInjection;

/// <summary>Hangfire's storage and servers, for a host without its own.</summary>
internal static class HangfireRegistration
{
    /// <summary>How long Hangfire's memory storage keeps ended jobs; Hangfire's own default is three hours.</summary>
    private static readonly TimeSpan EndedJobAge = TimeSpan.FromMinutes(5);

    /// <summary>Ended jobs that Hangfire's memory storage keeps at most, some 1.2 KB each.</summary>
    private const int MaxEndedJobs = 1000;

    /// <summary>Adds Hangfire with one server for the recurring jobs and one for each worker pool.</summary>
    /// <remarks>
    /// Separate servers rather than queue order: SQL Server takes queues alphabetically and memory in array order,
    /// and a full evaluation pool must not delay a tick.
    /// </remarks>
    public static IServiceCollection AddHangfireCarrier(this IServiceCollection services, StorageOptions storage, HangfireOptions options)
    {
        // Registered directly, not through Hangfire's configuration, which keeps the storage in a static field that a second host in the process would share.
        services.AddSingleton(provider =>
        {
            // Hangfire's configuration first: before it, Hangfire logs to the last host of the process, which may have ended.
            provider.GetRequiredService<IGlobalConfiguration>();
            return CreateStorage(storage, options);
        });
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UseDefaultCulture(CultureInfo.InvariantCulture, CultureInfo.InvariantCulture, captureDefault: false));

        var isInMemory = HangfireDatabase.Of(storage, options) is null;
        var filters = isInMemory ? WithEndedJobs() : null;
        services.AddHangfireServer(server => Configure(server, JobSchedule.Queue, options.MaintenanceWorkers, options, filters));
        foreach (var (pool, workers) in options.EffectivePools)
            services.AddHangfireServer(server => Configure(server, pool, workers, options, filters));

        return services.AddHangfireQueue(options, !isInMemory);
    }

    /// <summary>Adds the batch queue of Hangfire jobs, with any Hangfire storage of the host.</summary>
    public static IServiceCollection AddHangfireQueue(this IServiceCollection services, HangfireOptions options, bool isStorageShared) => services
        .AddSingleton(new WorkerPools(options.EffectivePools, isStorageShared))
        .AddSingleton<ITenantBatchQueue, HangfireTenantBatchQueue>()
        .AddSingleton<JobSchedule>()
        .AddHostedSingleton<ScheduleWatch>()
        .AddHostedSingleton<RunScheduleWatch>();

    private static void Configure(BackgroundJobServerOptions server, string queue, int workers, HangfireOptions options, IJobFilterProvider? filters)
    {
        server.FilterProvider = filters;
        server.ServerName = $"{Environment.MachineName}:{queue}";
        server.Queues = [queue];
        server.WorkerCount = workers;
        server.ShutdownTimeout = options.ShutdownTimeout;
        server.SchedulePollingInterval = options.SchedulePollingInterval;

        // How soon a job deleted on the dashboard is stopped.
        server.CancellationCheckInterval = TimeSpan.FromSeconds(2);
    }

    /// <summary>Hangfire's own filters and ours, for the servers of this host only: its static list would reach other hosts of the process.</summary>
    private static JobFilterProviderCollection WithEndedJobs()
    {
        var ours = new JobFilterCollection();
        ours.Add(new EndedJobLimit(MaxEndedJobs));
        return new JobFilterProviderCollection(JobFilterProviders.Providers, ours);
    }

    // Guids in memory: a restart must not give an old batch's job id to a new job.
    private static JobStorage CreateStorage(StorageOptions storage, HangfireOptions options) =>
        HangfireDatabase.Of(storage, options) is { } database
            ? new SqlServerStorage(database.ConnectionString, database.StorageOptions(storage.CommandTimeout))
            : new InMemoryStorage(new InMemoryStorageOptions { IdType = InMemoryStorageIdType.Guid, MaxExpirationTime = EndedJobAge });
}
