using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>The audit trail's codes in words. The pages also show the codes, which files, the API and old mails use.</summary>
internal static class AuditWords
{
    /// <summary>Every action, by its code, in the order in which they are offered.</summary>
    public static readonly IReadOnlyList<(string Code, string Words)> Actions =
    [
        (ChangeType.RunCreated, "Run created"),
        (ChangeType.RunCompleted, "Run completed"),
        (ChangeType.RunAttemptFailed, "Attempt of a run failed"),
        (ChangeType.RunFailed, "Run failed permanently"),
        (ChangeType.RunCancelled, "Run cancelled"),
        (ChangeType.RunAcknowledged, "Failed run acknowledged"),
        (ChangeType.RunRequeued, "Run requeued"),
        (ChangeType.RunPrioritySet, "Priority of a run set"),
        (ChangeType.RunVoided, "Run declared void"),
        (ChangeType.RunRestored, "Run restored from the archive"),
        (ChangeType.RunsArchived, "Runs archived"),
        (ChangeType.RunsPurged, "Archived runs deleted"),
        (ChangeType.SuiteImported, "Suite stored"),
        (ChangeType.VersionCreated, "Version created"),
        (ChangeType.VersionTransitioned, "State of a version changed"),
        (ChangeType.VersionRequired, "Requirements of a version stored"),
        (ChangeType.PolicySet, "Policy set"),
        (ChangeType.ScheduleCreated, "Schedule created"),
        (ChangeType.ScheduleChanged, "Schedule changed"),
        (ChangeType.SchedulePaused, "Schedule paused"),
        (ChangeType.ScheduleResumed, "Schedule resumed"),
        (ChangeType.ScheduleDeleted, "Schedule deleted"),
        (ChangeType.TenantAdded, "Tenant added"),
        (ChangeType.TenantPaused, "Tenant paused"),
        (ChangeType.TenantResumed, "Tenant resumed"),
        (ChangeType.TenantLimitsSet, "Limits of a tenant set"),
        (ChangeType.TenantDeletionBegun, "Deletion of a tenant started"),
        (ChangeType.TenantDeleted, "Tenant deleted"),
        (ChangeType.JobPaused, "Recurring job paused"),
        (ChangeType.JobResumed, "Recurring job resumed"),
        (ChangeType.ProcessingRequested, "Processing requested"),
        (ChangeType.CleanupRequested, "Cleanup requested"),
        (ChangeType.HealthCheckRequested, "Health check requested"),
        (ChangeType.HangfireCommand, "Button on a Hangfire page pressed"),
        (ChangeType.KeyCreated, "API key created"),
        (ChangeType.KeyRevoked, "API key revoked"),
        (ChangeType.HistoryPurged, "Old records deleted"),
    ];

    private static readonly IReadOnlyDictionary<string, string> ByCode = Actions.ToDictionary(each => each.Code, each => each.Words, StringComparer.Ordinal);

    private static readonly IReadOnlyDictionary<string, string> Entities = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(AgentVersion)] = "version",
        [nameof(ApiKey)] = "API key",
        [nameof(ChangeRecord)] = "audit record",
        [nameof(Dispatch)] = "tick",
        [nameof(EvaluationRun)] = "run",
        [nameof(EvaluationSuite)] = "suite",
        [nameof(PromotionPolicy)] = "policy",
        [nameof(RunSchedule)] = "schedule",
        [nameof(Tenant)] = "tenant",
        [nameof(TenantBatch)] = "batch",
        [ChangeRecordRepository.ServerEntity] = "server",
    };

    // Other field names are clear without a translation.
    private static readonly IReadOnlyDictionary<string, string> Fields = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["evalStatus"] = "evaluation",
        ["isDefault"] = "default suite",
        ["agentName"] = "agent",
        ["versionLabel"] = "label",
        ["versionId"] = "version",
        ["suiteId"] = "suite",
        ["runId"] = "run",
        ["policyId"] = "policy",
        ["tenantId"] = "tenant",
        ["slug"] = "short name",
        ["retryOf"] = "repeats run",
        ["jobCount"] = "number of jobs",
    };

    /// <returns>An action in words; an unknown code, such as of another program version, in lower case without underscores.</returns>
    public static string Action(string code) => ByCode.GetValueOrDefault(code) ?? Sentence(code.Replace('_', ' ').ToLowerInvariant());

    /// <returns>A kind of entity in words.</returns>
    public static string Entity(string code) => Entities.GetValueOrDefault(code) ?? DisplayText.Words(code);

    /// <returns>The name of a field of the payload in words.</returns>
    public static string Field(string name) => Fields.GetValueOrDefault(name) ?? DisplayText.Words(name);

    private static string Sentence(string words) => words.Length == 0 ? words : $"{char.ToUpperInvariant(words[0])}{words[1..]}";
}
