namespace EvalJobs.Domain;

/// <summary>One suite revision asked of one agent version.</summary>
public sealed record EvaluationRun
{
    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant that owns the run.</summary>
    public required long TenantId { get; init; }

    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>The suite's revision when the run was created; later edits do not change the run.</summary>
    public required int SuiteRevision { get; init; }

    /// <summary>The agent version under evaluation.</summary>
    public required long VersionId { get; init; }

    /// <summary>The run's status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Higher goes first within the tenant. Default 0.</summary>
    public required int Priority { get; init; }

    /// <summary>Not claimed before this moment, UTC in the database's clock; a failed attempt moves it into the future.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The number of claims; 1 after the first. With the lease owner it fences every later write.</summary>
    public required int Attempt { get; init; }

    /// <summary>Failed attempts that are charged to the run; at MaxAttempts the run is FAILED. A restart, an outage or the end of a batch is not counted.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>Consecutive processes that ended while they worked this run; 0 after an attempt that ended normally.</summary>
    public int DeathCount { get; init; }

    /// <summary>The process that holds the run while it is RUNNING.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>When the lease expires unless renewed, UTC in the database's clock.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>
    /// The version's evaluation status when the run was created. After a cancellation the status follows from the evidence;
    /// scripts/14-cancel-runs.sql uses this value where T-SQL cannot decide.
    /// </summary>
    public required EvalStatus PreviousEvalStatus { get; init; }

    /// <summary>Why the run exists.</summary>
    public required RunTrigger Trigger { get; init; }

    /// <summary>The completed run whose verdicts this one keeps: it asks only the cases that had none. When it completes, it replaces that run as evidence. Null for most runs.</summary>
    public long? ContinuesRunId { get; init; }

    /// <summary>The tenant batch that claimed the run last.</summary>
    public long? TenantBatchId { get; init; }

    /// <summary>When the run was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first claimed, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Pass rate from which the version passes, 0..1: the suite's when the run was created.</summary>
    public required double PassThreshold { get; init; }

    /// <summary>passed / cases, 0..1.</summary>
    public double? PassRate { get; init; }

    /// <summary>Weighted mean of the scores that exist, 0..1; null when no case has a score.</summary>
    public double? OverallScore { get; init; }

    /// <summary>Cases of the suite revision.</summary>
    public int CaseCount { get; init; }

    /// <summary>Cases with verdict PASSED.</summary>
    public int PassedCount { get; init; }

    /// <summary>Cases with verdict FAILED.</summary>
    public int FailedCount { get; init; }

    /// <summary>Cases with verdict ERRORED.</summary>
    public int ErroredCount { get; init; }

    /// <summary>Cases with verdict UNSCORED.</summary>
    public int UnscoredCount { get; init; }

    /// <summary>Replies that a length limit cut, of any verdict; 0 for runs from before it was counted.</summary>
    public int CutCount { get; init; }

    /// <summary>Tokens the agent read, where it said so.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens the agent wrote, where it said so.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>What the replies cost, in the currency the genome prices them in.</summary>
    public double? Cost { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>When an attempt last failed that counts for the run, UTC; null when none did, or when a later attempt got answers.</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>When this FAILED run was acknowledged, UTC: it needs no more action.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>Who acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>The ended run that this one repeats; null for other runs, and for retries from before it was stored.</summary>
    public long? RepeatsRunId { get; init; }
}
