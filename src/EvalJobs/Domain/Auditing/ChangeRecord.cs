namespace EvalJobs.Domain;

/// <summary>One line of the append-only audit trail.</summary>
internal sealed record ChangeRecord
{
    /// <summary>Database identity; 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>The tenant concerned; null for what concerns the whole server.</summary>
    public long? TenantId { get; init; }

    /// <summary>What happened, such as <c>VERSION_TRANSITIONED</c>; see <see cref="ChangeType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of thing changed, such as <c>AgentVersion</c>.</summary>
    public required string TargetEntity { get; init; }

    /// <summary>Its identity.</summary>
    public required long TargetId { get; init; }

    /// <summary>Who did it: a user, or <c>system</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The details, as a JSON object.</summary>
    public required string Payload { get; init; }

    /// <summary>When, UTC in the database's clock.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The types of change record.</summary>
internal static class ChangeType
{
    /// <summary>A tenant was added.</summary>
    public const string TenantAdded = "TENANT_ADDED";

    /// <summary>A tenant's processing was paused.</summary>
    public const string TenantPaused = "TENANT_PAUSED";

    /// <summary>A tenant's processing was resumed.</summary>
    public const string TenantResumed = "TENANT_RESUMED";

    /// <summary>A tenant's limits or worker pool changed.</summary>
    public const string TenantLimitsSet = "TENANT_LIMITS_SET";

    /// <summary>The deletion of a tenant with all its data started.</summary>
    public const string TenantDeletionBegun = "TENANT_DELETION_BEGUN";

    /// <summary>A tenant was deleted; its audit trail stays.</summary>
    public const string TenantDeleted = "TENANT_DELETED";

    /// <summary>A suite was created or got a new revision.</summary>
    public const string SuiteImported = "SUITE_IMPORTED";

    /// <summary>An agent version was created.</summary>
    public const string VersionCreated = "VERSION_CREATED";

    /// <summary>An agent version changed its lifecycle state.</summary>
    public const string VersionTransitioned = "VERSION_TRANSITIONED";

    /// <summary>The requirements of a version were stored.</summary>
    public const string VersionRequired = "VERSION_REQUIRED";

    /// <summary>A promotion policy got a new revision.</summary>
    public const string PolicySet = "POLICY_SET";

    /// <summary>A completed run was declared void as evidence.</summary>
    public const string RunVoided = "RUN_VOIDED";

    /// <summary>A run was created.</summary>
    public const string RunCreated = "RUN_CREATED";

    /// <summary>A run completed; a required one set its version's evaluation status.</summary>
    public const string RunCompleted = "RUN_COMPLETED";

    /// <summary>An attempt failed and the run waits for the next.</summary>
    public const string RunAttemptFailed = "RUN_ATTEMPT_FAILED";

    /// <summary>A run failed permanently.</summary>
    public const string RunFailed = "RUN_FAILED";

    /// <summary>A run was cancelled.</summary>
    public const string RunCancelled = "RUN_CANCELLED";

    /// <summary>A run that failed permanently was acknowledged.</summary>
    public const string RunAcknowledged = "RUN_ACKNOWLEDGED";

    /// <summary>A run whose lease expired went back to PENDING.</summary>
    public const string RunRequeued = "RUN_REQUEUED";

    /// <summary>The priority of a waiting run changed.</summary>
    public const string RunPrioritySet = "RUN_PRIORITY_SET";

    /// <summary>A schedule of runs was created.</summary>
    public const string ScheduleCreated = "SCHEDULE_CREATED";

    /// <summary>A schedule's agent, times or priority changed.</summary>
    public const string ScheduleChanged = "SCHEDULE_CHANGED";

    /// <summary>A schedule was paused.</summary>
    public const string SchedulePaused = "SCHEDULE_PAUSED";

    /// <summary>A schedule was resumed.</summary>
    public const string ScheduleResumed = "SCHEDULE_RESUMED";

    /// <summary>A schedule was deleted; its runs stay.</summary>
    public const string ScheduleDeleted = "SCHEDULE_DELETED";

    /// <summary>A recurring job of the server was paused.</summary>
    public const string JobPaused = "JOB_PAUSED";

    /// <summary>A recurring job of the server was resumed.</summary>
    public const string JobResumed = "JOB_RESUMED";

    /// <summary>Someone asked to process pending evaluations now, of one tenant or of all.</summary>
    public const string ProcessingRequested = "PROCESSING_REQUESTED";

    /// <summary>Someone asked to archive old runs now.</summary>
    public const string CleanupRequested = "CLEANUP_REQUESTED";

    /// <summary>Someone asked for a health check now.</summary>
    public const string HealthCheckRequested = "HEALTH_CHECK_REQUESTED";

    /// <summary>Someone pressed a button of Hangfire's own pages, such as "Trigger now".</summary>
    public const string HangfireCommand = "HANGFIRE_COMMAND";

    /// <summary>A key of the HTTP API was created.</summary>
    public const string KeyCreated = "KEY_CREATED";

    /// <summary>A key of the HTTP API was revoked.</summary>
    public const string KeyRevoked = "KEY_REVOKED";

    /// <summary>Ended runs moved to the archive.</summary>
    public const string RunsArchived = "RUNS_ARCHIVED";

    /// <summary>A run was restored from the archive.</summary>
    public const string RunRestored = "RUN_RESTORED";

    /// <summary>Archived runs were deleted permanently.</summary>
    public const string RunsPurged = "RUNS_PURGED";

    /// <summary>Old ticks, batches or lines of the audit trail were deleted.</summary>
    public const string HistoryPurged = "HISTORY_PURGED";
}
