using EvalJobs.Data;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Jobs;

namespace EvalJobs.Server;

/// <summary>Wires the product together. Settings are read and checked here, before anything starts.</summary>
public static class ServiceRegistration
{
    /// <summary>Registers everything but Hangfire and the batch queue, which differ between the server and a command.</summary>
    /// <exception cref="Domain.InvalidInputException">A setting is not acceptable; the message names it.</exception>
    public static IServiceCollection AddEvalJobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(SettingsReader.Read<StorageOptions>(configuration, "EvalJobs:Storage"));
        services.AddSingleton(SettingsReader.Read<ExecutionOptions>(configuration, "EvalJobs:Execution"));
        services.AddSingleton(SettingsReader.Read<AgentOptions>(configuration, "EvalJobs:Agents"));
        services.AddSingleton(SettingsReader.Read<DispatchOptions>(configuration, "EvalJobs:Dispatch"));
        services.AddSingleton(SettingsReader.Read<RetentionOptions>(configuration, "EvalJobs:Retention"));
        services.AddSingleton(SettingsReader.Read<HealthOptions>(configuration, "EvalJobs:Health"));
        services.AddSingleton(SettingsReader.Read<HangfireOptions>(configuration, "EvalJobs:Hangfire"));
        services.AddSingleton<ServerDatabases>();
        services.AddSingleton(TimeProvider.System);
        return services.AddData().AddExecution().AddJobs();
    }

    private static IServiceCollection AddData(this IServiceCollection services) => services
        .AddSingleton<EvaluationDatabase>()
        .AddSingleton<DatabaseReadiness>()
        .AddSingleton<SchemaMigrator>()
        .AddSingleton<TenantRepository>()
        .AddSingleton<AgentVersionRepository>()
        .AddSingleton<EvaluationSuiteRepository>()
        .AddSingleton<EvaluationRunRepository>()
        .AddSingleton<RunClaimRepository>()
        .AddSingleton<DispatchRepository>()
        .AddSingleton<WorkerPoolRepository>()
        .AddSingleton<TenantHealthRepository>()
        .AddSingleton<ArchiveRepository>()
        .AddSingleton<ChangeRecordRepository>();

    private static IServiceCollection AddExecution(this IServiceCollection services) => services
        .AddAgents()
        .AddSingleton<IScorer, ExactMatchScorer>()
        .AddSingleton<IScorer, ContainsScorer>()
        .AddSingleton<IScorer, SimilarityScorer>()
        .AddSingleton<IScorer, RegexScorer>()
        .AddSingleton<IScorer, NumericScorer>()
        .AddSingleton<IScorer, JsonScorer>()
        .AddSingleton<IScorer, CustomScorer>()
        .AddSingleton<ScorerRegistry>()
        .AddSingleton<RunExecutor>();

    private static IServiceCollection AddJobs(this IServiceCollection services) => services
        .AddSingleton<ProcessIdentity>()
        .AddSingleton(WorkerPools.None)
        .AddSingleton<LeaseKeeper>()
        .AddHostedService(provider => provider.GetRequiredService<LeaseKeeper>())
        .AddSingleton<EvaluationRunWorker>()
        .AddSingleton<TenantBatchScheduler>()
        .AddTransient<DispatchPendingEvaluationsJob>()
        .AddTransient<TenantBatchJob>()
        .AddTransient<ArchiveOldRunsJob>()
        .AddTransient<HealthCheckJob>();
}
