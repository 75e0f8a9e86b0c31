using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Jobs;
using Hangfire;
using Hangfire.InMemory;

namespace EvalJobs.Server.Hosting;

/// <summary>Hangfire's storage, servers and dashboard.</summary>
public static class HangfireSetup
{
    /// <summary>Where the dashboard is.</summary>
    public const string DashboardPath = "/hangfire";

    /// <summary>Adds Hangfire with one server for the recurring jobs and one for each worker pool.</summary>
    /// <remarks>
    /// Separate servers rather than queue order: SQL Server takes queues alphabetically and memory in array order,
    /// and a full evaluation pool must not delay a tick.
    /// </remarks>
    public static IServiceCollection AddHangfireCarrier(this IServiceCollection services, StorageOptions storage, HangfireOptions options)
    {
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UseDefaultCulture(CultureInfo.InvariantCulture, CultureInfo.InvariantCulture, captureDefault: false)
            .UseStorage(storage, options));

        services.AddHangfireServer(server => Configure(server, JobSchedule.Queue, options.MaintenanceWorkers, options));
        foreach (var (pool, workers) in options.EffectivePools)
            services.AddHangfireServer(server => Configure(server, pool, workers, options));

        services.AddSingleton(new WorkerPools(options.EffectivePools, UsesSqlServer(storage, options)));
        services.AddSingleton<ITenantBatchQueue, HangfireTenantBatchQueue>();
        services.AddSingleton<JobSchedule>();
        return services;
    }

    /// <summary>Whether Hangfire's jobs live in SQL Server.</summary>
    public static bool UsesSqlServer(StorageOptions storage, HangfireOptions options) => HangfireDatabase.Of(storage, options) is not null;

    private static void Configure(BackgroundJobServerOptions server, string queue, int workers, HangfireOptions options)
    {
        server.ServerName = $"{Environment.MachineName}:{queue}";
        server.Queues = [queue];
        server.WorkerCount = workers;
        server.ShutdownTimeout = options.ShutdownTimeout;
        server.SchedulePollingInterval = options.SchedulePollingInterval;

        // How soon a job deleted on the dashboard is told to stop.
        server.CancellationCheckInterval = TimeSpan.FromSeconds(2);
    }

    private static void UseStorage(this IGlobalConfiguration hangfire, StorageOptions storage, HangfireOptions options)
    {
        if (HangfireDatabase.Of(storage, options) is { } database)
            hangfire.UseSqlServerStorage(database.ConnectionString, database.StorageOptions(storage.CommandTimeout));
        else
        {
            // Guids: a restart must not give an old batch's job id to a new job.
            hangfire.UseInMemoryStorage(new InMemoryStorageOptions { IdType = InMemoryStorageIdType.Guid });
        }
    }
}
