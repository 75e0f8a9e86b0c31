using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Scoring.Processes;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Jobs;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Server.Access;
using EvalJobs.Server.Settings;

namespace EvalJobs.Server.Hosting;

/// <summary>Wires the product together. Settings are read and checked here, before anything starts.</summary>
public static class ServiceRegistration
{
    /// <summary>The sections of the settings. A new one is one line here, and its part of docs/operate/configuration.md.</summary>
    public static IReadOnlyList<SettingsSection> Sections { get; } =
    [
        SettingsSection.Of<StorageOptions>("Storage"),
        SettingsSection.Of<HangfireOptions>("Hangfire"),
        SettingsSection.Of<DispatchOptions>("Dispatch"),
        SettingsSection.Of<ExecutionOptions>("Execution"),
        SettingsSection.Of<ScoringOptions>("Scoring"),
        SettingsSection.Of<AgentOptions>("Agents"),
        SettingsSection.Of<RetentionOptions>("Retention"),
        SettingsSection.Of<HealthOptions>("Health"),
        SettingsSection.Of<AlertOptions>("Alerts"),
        SettingsSection.Of<TelemetryOptions>("Telemetry"),
        SettingsSection.Of<AccessOptions>("Dashboard"),
        SettingsSection.OfFreeNames("Secrets"),
    ];

    /// <summary>Registers everything but Hangfire and the batch queue, which differ between the server and a command.</summary>
    /// <exception cref="InvalidInputException">A setting is not acceptable; the message names it.</exception>
    public static IServiceCollection AddEvalJobs(this IServiceCollection services, IConfiguration configuration)
    {
        SettingsReader.DemandSections(configuration, Sections);
        foreach (var section in Sections)
            section.Register(services, configuration);

        // Refused here and not by the first who asks for it: a command would not ask.
        _ = HangfireDatabase.Of(
            SettingsReader.Read<StorageOptions>(configuration, "EvalJobs:Storage"), SettingsReader.Read<HangfireOptions>(configuration, "EvalJobs:Hangfire"));
        services.AddSingleton<ServerDatabases>();
        services.AddSingleton(TimeProvider.System);
        return services.AddData().AddExecution().AddJobs().AddApplication().AddAlerts(SettingsReader.Read<AlertOptions>(configuration, "EvalJobs:Alerts"));
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
        .AddSingleton<HistoryRepository>()
        .AddSingleton<OverviewRepository>()
        .AddSingleton<RunListRepository>()
        .AddSingleton<CasePreviewRepository>()
        .AddSingleton<SuiteListRepository>()
        .AddSingleton<VersionListRepository>()
        .AddSingleton<RunComparisonRepository>()
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
        .AddSingleton<ScorerProcessPool>()
        .AddSingleton<ScoringService>()
        .AddSingleton<EvaluationMetrics>()
        .AddSingleton<RunExecutor>();

    private static IServiceCollection AddApplication(this IServiceCollection services) => services
        .AddSingleton<AddTenant>()
        .AddSingleton<SetTenantLimits>()
        .AddSingleton<PauseTenant>()
        .AddSingleton<DeleteTenant>()
        .AddSingleton<ImportSuite>()
        .AddSingleton<SaveSuite>()
        .AddSingleton<CreateVersion>()
        .AddSingleton<TransitionVersion>()
        .AddSingleton<RequestRun>()
        .AddSingleton<RetryRun>()
        .AddSingleton<CancelRun>()
        .AddSingleton<SetRunPriority>()
        .AddSingleton<RestoreRun>()
        .AddSingleton<ProcessTenant>()
        .AddSingleton<RequestJob>();
}
