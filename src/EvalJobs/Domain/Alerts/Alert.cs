namespace EvalJobs.Domain;

/// <summary>Something an operator should know, from the moment it happened until every channel has received it.</summary>
internal sealed record Alert
{
    /// <summary>Database identity, the same in every message about it: receivers can tell a repeated one. 0 for a test.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant concerned; null for the whole server.</summary>
    public long? TenantId { get; init; }

    /// <summary>Its short name.</summary>
    public string? TenantSlug { get; init; }

    /// <summary>What it is about.</summary>
    public required AlertTopic Topic { get; init; }

    /// <summary>A problem that is new, that continues, or that is over.</summary>
    public required AlertPhase Phase { get; init; }

    /// <summary>What happened, for people. Never a prompt, a reply or a secret.</summary>
    public required string Text { get; init; }

    /// <summary>Details for programs, a JSON object; null for alerts of a failure.</summary>
    public string? Data { get; init; }

    /// <summary>How many events it represents; <see cref="Text"/> describes the last.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The status of its delivery.</summary>
    public AlertStatus Status { get; init; } = AlertStatus.Pending;

    /// <summary>When it is to be sent, or sent again, UTC.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>How often a sender has claimed it. Part of the fence.</summary>
    public int Attempt { get; init; }

    /// <summary>The process that sends it now. Part of the fence.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>The channels that have received it, as a JSON array of their names.</summary>
    public string SentTo { get; init; } = "[]";

    /// <summary>Which channels did not accept it the last time, and why; null when none failed.</summary>
    public string? LastError { get; init; }

    /// <summary>The first event, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last event, UTC.</summary>
    public DateTimeOffset RaisedAt { get; init; }

    /// <summary>When a sender first claimed it, UTC: no event is added to it after that.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>When it was sent to every channel or given up, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The topics of problems, which every channel gets unless its settings say otherwise.</summary>
    public static IReadOnlySet<AlertTopic> WarningTopics { get; } = new HashSet<AlertTopic> { AlertTopic.Health, AlertTopic.Tick, AlertTopic.Failure };

    /// <summary>Whether it is about a problem, and not about what people did.</summary>
    public bool IsWarning => Topic == AlertTopic.Test || WarningTopics.Contains(Topic);

    /// <summary>The whole of it in one sentence or two, as every channel shows it.</summary>
    public string Sentence =>
        (TenantSlug is null ? "" : $"Tenant {TenantSlug}: ") + (Count == 1 ? "" : $"{Count} times, the last: ") + Text;
}

/// <summary>What an alert is about.</summary>
internal enum AlertTopic
{
    /// <summary>A tenant changed between HEALTHY and WARNING.</summary>
    Health,

    /// <summary>Ticks stopped or continue.</summary>
    Tick,

    /// <summary>Runs failed permanently.</summary>
    Failure,

    /// <summary>A version became a CANDIDATE or was APPROVED.</summary>
    Promoted,

    /// <summary>A version's evaluation status became FAIL.</summary>
    GateFailed,

    /// <summary>A version became a CANDIDATE, and its policy asks for a second person or an Approver.</summary>
    ApprovalWanted,

    /// <summary>A run completed.</summary>
    RunCompleted,

    /// <summary>A test of the channels; never stored.</summary>
    Test,
}

/// <summary>Whether the problem is new, continues or is over.</summary>
internal enum AlertPhase
{
    /// <summary>The problem is new.</summary>
    Raised,

    /// <summary>The problem continues.</summary>
    Reminder,

    /// <summary>The problem is over.</summary>
    Cleared,
}

/// <summary>The status of the delivery of an alert.</summary>
internal enum AlertStatus
{
    /// <summary>Some channel has not received it yet.</summary>
    Pending,

    /// <summary>Every channel has received it.</summary>
    Sent,

    /// <summary>Given up: some channel did not accept it for too long.</summary>
    Failed,
}
