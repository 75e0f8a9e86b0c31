namespace EvalJobs.Domain;

/// <summary>A schedule: when a suite is run for the newest version of an agent.</summary>
internal sealed record RunSchedule
{
    /// <summary>Schedules a tenant has at most.</summary>
    public const int MaxPerTenant = 100;

    /// <summary>Characters of the cron expression at most.</summary>
    public const int MaxCronLength = 100;

    /// <summary>Characters of the time zone's id at most.</summary>
    public const int MaxTimeZoneLength = 64;

    /// <summary>The shortest time between two due moments: a schedule watches an agent over time, and is not for load tests.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(15);

    /// <summary>If no server runs at a due moment, its run is created within this time after it; later the moment counts as missed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Database identity.</summary>
    public long Id { get; init; }

    /// <summary>Owning tenant.</summary>
    public long TenantId { get; init; }

    /// <summary>Its short name.</summary>
    public string TenantSlug { get; init; } = "";

    /// <summary>Whether the tenant is paused: its schedules create no runs then.</summary>
    public bool IsTenantPaused { get; init; }

    /// <summary>The suite to run, at the revision it then has.</summary>
    public long SuiteId { get; init; }

    /// <summary>The suite's name.</summary>
    public string SuiteName { get; init; } = "";

    /// <summary>The agent; its newest version that is neither DEPRECATED nor RETIRED is run.</summary>
    public string AgentName { get; init; } = "";

    /// <summary>Five fields: minute, hour, day, month, weekday.</summary>
    public string Cron { get; init; } = "";

    /// <summary>The IANA id of the zone that the fields are read in.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>Priority of the runs, within <see cref="RunPriority"/>.</summary>
    public int Priority { get; init; }

    /// <summary>Whether it is paused: it creates no runs until it is resumed.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The number of changes by people, from 1.</summary>
    public int Revision { get; init; }

    /// <summary>The next due moment is the first one after this, UTC.</summary>
    public DateTimeOffset DueAfter { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>The last due moment that was processed, UTC; null before the first, and after a person ran it at another time.</summary>
    public DateTimeOffset? LastDueAt { get; init; }

    /// <summary>When it was processed, UTC; null before the first time.</summary>
    public DateTimeOffset? LastFiredAt { get; init; }

    /// <summary>The outcome of the last time; null before the first.</summary>
    public ScheduleOutcome? LastOutcome { get; init; }

    /// <summary>The run that was created; null when none was.</summary>
    public long? LastRunId { get; init; }

    /// <summary>Why none was; null when one was.</summary>
    public string? LastReason { get; init; }

    /// <summary>Its runs' actor in the audit trail, such as <c>schedule:42</c>.</summary>
    public string Actor => $"schedule:{Id}";
}

/// <summary>The outcome of a schedule's due moment.</summary>
internal enum ScheduleOutcome
{
    /// <summary>A run was created.</summary>
    Created,

    /// <summary>None was needed: the version's run of the suite has not ended, or the tenant is paused.</summary>
    Skipped,

    /// <summary>No server was running within <see cref="RunSchedule.Grace"/>.</summary>
    Missed,

    /// <summary>No run could be created: the agent has no version to evaluate, or the suite has no cases.</summary>
    Failed,
}

/// <summary>A schedule to create, or the new values of one.</summary>
internal sealed record ScheduleDraft
{
    /// <summary>See <see cref="RunSchedule.AgentName"/>.</summary>
    public required string AgentName { get; init; }

    /// <summary>See <see cref="RunSchedule.Cron"/>.</summary>
    public required string Cron { get; init; }

    /// <summary>See <see cref="RunSchedule.TimeZone"/>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>See <see cref="RunSchedule.Priority"/>.</summary>
    public int Priority { get; init; }
}

/// <summary>A schedule that could not create a run when it was last due.</summary>
internal sealed record FailingSchedule
{
    /// <summary>The schedule.</summary>
    public long Id { get; init; }

    /// <summary>Its tenant.</summary>
    public long TenantId { get; init; }

    /// <summary>Its suite's name.</summary>
    public string SuiteName { get; init; } = "";

    /// <summary>Its agent.</summary>
    public string AgentName { get; init; } = "";

    /// <summary>Why it created none.</summary>
    public string LastReason { get; init; } = "";

    /// <summary>The sentence for people.</summary>
    public string Reason => $"Schedule {Id} (suite '{SuiteName}', agent '{AgentName}') made no run: {LastReason}";
}

/// <summary>Times that some schedules have, as they are stored.</summary>
internal sealed record StoredScheduleTimes
{
    /// <summary>See <see cref="RunSchedule.Cron"/>.</summary>
    public required string Cron { get; init; }

    /// <summary>See <see cref="RunSchedule.TimeZone"/>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>How many schedules have them.</summary>
    public required int ScheduleCount { get; init; }

    /// <summary>The first of those schedules.</summary>
    public required long FirstId { get; init; }
}
