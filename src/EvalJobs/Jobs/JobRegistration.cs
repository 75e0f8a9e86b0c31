using EvalJobs.Jobs.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EvalJobs.Jobs;

/// <summary>Registers the jobs and the background services.</summary>
internal static class JobRegistration
{
    /// <summary>Registers everything but the batch queue and the worker pools, which the host chooses. The caller registers the options, the repositories and the executor.</summary>
    /// <remarks>Hosted services stop in reverse order, so leases are renewed until everything after them has stopped.</remarks>
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<ProcessIdentity>();
        services.TryAddSingleton(WorkerPools.None);
        services.AddSingleton<LeaseRegistry>();
        services.AddSingleton<IsolationGate>();
        services.AddHostedSingleton<LeaseKeeper>();
        services.AddHostedSingleton<WorkerPoolAnnouncer>();
        services.AddHostedSingleton<OrphanedBatchService>();
        services.AddHostedSingleton<LoadSampler>();
        services.AddHostedSingleton<DatabaseWatch>();
        services.AddHostedSingleton<DueWorkWatch>();
        return services
            .AddSingleton<EndpointBreaker>()
            .AddSingleton<AttemptConclusion>()
            .AddSingleton<EvaluationRunWorker>()
            .AddSingleton<TenantBatchWorker>()
            .AddSingleton<TenantBatchScheduler>()
            .AddSingleton<TenantBatchLifecycle>()
            .AddSingleton<TenantBatchContinuation>()
            .AddSingleton<BacklogScanner>()
            .AddSingleton<RunPickup>()
            .AddSingleton<ClockWatch>()
            .AddSingleton<TickAssessment>()
            .AddSingleton<HealthAssessment>()
            .AddSingleton<ScheduleChanges>()
            .AddSingleton<JobPauses>()
            .AddSingleton<DueSchedules>()
            .AddTransient<DispatchPendingEvaluationsJob>()
            .AddTransient<TenantBatchJob>()
            .AddTransient<ArchiveOldRunsJob>()
            .AddTransient<HealthCheckJob>()
            .AddTransient<ScheduledRunJob>();
    }

    /// <summary>Registers a loop that can also be resolved by its type.</summary>
    internal static IServiceCollection AddHostedSingleton<T>(this IServiceCollection services) where T : PeriodicService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
