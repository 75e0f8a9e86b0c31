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
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EvalJobs.DependencyInjection;

/// <summary>Embeds EvalJobs in a host. Settings are read and checked here, before anything starts.</summary>
public static class EvalJobsServiceCollectionExtensions
{
    /// <summary>The sections of the settings. A new one is one line here, and its part of docs/operate/configuration.md.</summary>
    internal static IReadOnlyList<SettingsSection> Sections { get; } =
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
        SettingsSection.OfFreeNames("Secrets"),
    ];

    /// <summary>
    /// Adds EvalJobs to a host: storage, jobs, agents, scorers, alerts, and <see cref="EvalJobsClient"/> to use them by. The host provides Hangfire's
    /// storage and servers, or requests them with <see cref="EvalJobsOptions.AddHangfire"/>.
    /// </summary>
    /// <param name="services">The host's services. One EvalJobs each; two service providers in one process share nothing.</param>
    /// <param name="configuration">Holds the section <c>EvalJobs</c>; an absent one gives the defaults.</param>
    /// <param name="configure">Changes <see cref="EvalJobsOptions"/>.</param>
    /// <exception cref="InvalidInputException">A setting is not acceptable; the message names it.</exception>
    public static IServiceCollection AddEvalJobs(this IServiceCollection services, IConfiguration configuration, Action<EvalJobsOptions>? configure = null)
    {
        var options = new EvalJobsOptions();
        configure?.Invoke(options);

        services.AddEvalJobsServices(configuration, Sections);
        var hangfire = SettingsReader.Read<HangfireOptions>(configuration, "EvalJobs:Hangfire");
        if (options.AddHangfire)
            services.AddHangfireCarrier(SettingsReader.Read<StorageOptions>(configuration, "EvalJobs:Storage"), hangfire);
        else
            services.AddHangfireQueue(hangfire, options.IsHangfireStorageShared);

        services.AddSingleton<EvalJobsPreparation>();
        if (options.PrepareOnStart)
            services.AddHostedService(provider => provider.GetRequiredService<EvalJobsPreparation>());
        return services;
    }

    /// <summary>
    /// Waits for the database, creates the tables of an SQLite file or checks those of SQL Server, and registers the recurring jobs. Only for a
    /// host with <see cref="EvalJobsOptions.PrepareOnStart"/> false, before it starts. Any number of processes may do it at once.
    /// </summary>
    /// <param name="services">The provider of a host that has EvalJobs.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Completes when the host may start.</returns>
    /// <exception cref="DatabaseUnreachableException">The database did not answer in the time that <c>EvalJobs:Storage:StartupTimeout</c> gives it.</exception>
    /// <exception cref="SchemaException">The schema is not what this program needs; the message says what to do.</exception>
    public static Task PrepareEvalJobsAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<EvalJobsPreparation>().PrepareAsync(cancellationToken);

    /// <summary>Adds a way to reach agents, chosen by the genome's <c>target.type</c>.</summary>
    /// <typeparam name="TAgentType">One instance serves all runs.</typeparam>
    public static IServiceCollection AddEvalJobsAgent<TAgentType>(this IServiceCollection services) where TAgentType : class, IAgentType =>
        services.AddSingleton<IAgentType, TAgentType>();

    /// <summary>Adds a scorer, chosen by a test case's <c>scoring.type</c>. It runs in the host's own process.</summary>
    /// <typeparam name="TScorer">One instance serves all runs.</typeparam>
    public static IServiceCollection AddEvalJobsScorer<TScorer>(this IServiceCollection services) where TScorer : class, IScorer =>
        services.AddSingleton<IScorer, TScorer>();

    /// <summary>Registers everything but Hangfire and the batch queue, which differ between a server and a command.</summary>
    /// <exception cref="InvalidInputException">A setting is not acceptable; the message names it.</exception>
    internal static IServiceCollection AddEvalJobsServices(this IServiceCollection services, IConfiguration configuration, IReadOnlyList<SettingsSection> sections)
    {
        SettingsReader.ValidateSections(configuration, sections);
        foreach (var section in sections)
            section.Register(services, configuration);

        // Checked here and not at the first use, because a command would not use it.
        _ = HangfireDatabase.Of(
            SettingsReader.Read<StorageOptions>(configuration, "EvalJobs:Storage"), SettingsReader.Read<HangfireOptions>(configuration, "EvalJobs:Hangfire"));
        services.AddSingleton<EvalJobsDatabases>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddData().AddExecution().AddJobs().AddApplication().AddAlerts(SettingsReader.Read<AlertOptions>(configuration, "EvalJobs:Alerts"));

        // The secrets of these settings, whatever configuration the host has registered.
        return services.AddSingleton(_ => new TenantSecrets(configuration));
    }

    private static IServiceCollection AddData(this IServiceCollection services) => services
        .AddSingleton(provider => new EvaluationDatabase(provider.GetRequiredService<StorageOptions>()) { Notified = provider.GetRequiredService<AlertOptions>().WantedTopics })
        .AddSingleton<DatabaseReadiness>()
        .AddSingleton<SchemaMigrator>()
        .AddSingleton<TenantRepository>()
        .AddSingleton<AgentVersionRepository>()
        .AddSingleton<EvaluationSuiteRepository>()
        .AddSingleton<EvaluationRunRepository>()
        .AddSingleton<RunClaimRepository>()
        .AddSingleton<RunLeaseRepository>()
        .AddSingleton<RunRescueRepository>()
        .AddSingleton<DispatchRepository>()
        .AddSingleton<WorkerPoolRepository>()
        .AddSingleton<EndpointOutageRepository>()
        .AddSingleton<DatabaseMarkerRepository>()
        .AddSingleton<TenantHealthRepository>()
        .AddSingleton<ArchiveRepository>()
        .AddSingleton<HistoryRepository>()
        .AddSingleton<OverviewRepository>()
        .AddSingleton<RunListRepository>()
        .AddSingleton<CasePreviewRepository>()
        .AddSingleton<SearchRepository>()
        .AddSingleton<SuiteListRepository>()
        .AddSingleton<SuiteRevisionRepository>()
        .AddSingleton<VersionListRepository>()
        .AddSingleton<RunComparisonRepository>()
        .AddSingleton<CaseOutcomeRepository>()
        .AddSingleton<ChangeRecordRepository>()
        .AddSingleton<PromotionRepository>()
        .AddSingleton<CertificateRepository>()
        .AddSingleton<ApiKeyRepository>()
        .AddSingleton<ApiAnswerRepository>()
        .AddSingleton<RunScheduleRepository>()
        .AddSingleton<JobPauseRepository>();

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
        .AddSingleton<ReplyBudget>()
        .AddSingleton<RunExecutor>();

    private static IServiceCollection AddApplication(this IServiceCollection services) => services
        .AddSingleton<AddTenant>()
        .AddSingleton<SetTenantLimits>()
        .AddSingleton<PauseTenant>()
        .AddSingleton<DeleteTenant>()
        .AddSingleton<ImportSuite>()
        .AddSingleton<DataExporter>()
        .AddSingleton<SaveSuite>()
        .AddSingleton<EditCases>()
        .AddSingleton<CreateVersion>()
        .AddSingleton<TransitionVersion>()
        .AddSingleton<RequestRun>()
        .AddSingleton<RetryRun>()
        .AddSingleton<CancelRun>()
        .AddSingleton<SetRunPriority>()
        .AddSingleton<AcknowledgeRun>()
        .AddSingleton<RestoreRun>()
        .AddSingleton<ProcessTenant>()
        .AddSingleton<RequestJob>()
        .AddSingleton<SetPolicy>()
        .AddSingleton<RequireVersion>()
        .AddSingleton<VoidRun>()
        .AddSingleton<CreateApiKey>()
        .AddSingleton<RevokeApiKey>()
        .AddSingleton<CreateSchedule>()
        .AddSingleton<ChangeSchedule>()
        .AddSingleton<PauseSchedule>()
        .AddSingleton<DeleteSchedule>()
        .AddSingleton<RunScheduleNow>()
        .AddSingleton<PauseJob>()
        .AddSingleton<ListJobs>()
        .AddSingleton<IdempotentOperation>()
        .AddSingleton<ChangeRuns>()
        .AddSingleton(EvalJobsClient.Create);
}
