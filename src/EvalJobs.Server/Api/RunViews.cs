using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>An evaluation run.</summary>
internal sealed record RunView
{
    /// <summary>The run's id.</summary>
    public required long Id { get; init; }

    /// <summary>The version that is evaluated.</summary>
    public required long VersionId { get; init; }

    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>The suite's revision when the run was created.</summary>
    public required int SuiteRevision { get; init; }

    /// <summary>The run's status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>PASS or FAIL of a COMPLETED run by itself; null for other runs. The version is judged by its standing.</summary>
    public EvalStatus? Outcome { get; init; }

    /// <summary>A higher priority starts first within the tenant.</summary>
    public required int Priority { get; init; }

    /// <summary>Why the run exists.</summary>
    public required RunTrigger Trigger { get; init; }

    /// <summary>The number of claims by workers.</summary>
    public required int Attempt { get; init; }

    /// <summary>Failed attempts that are charged to the run.</summary>
    public required int FailedAttempts { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run does not start before this time, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When it was first started, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Lowest pass rate for the outcome PASS, 0 to 1.</summary>
    public required double PassThreshold { get; init; }

    /// <summary>Passed cases / all cases, 0 to 1; null until the run is COMPLETED.</summary>
    public double? PassRate { get; init; }

    /// <summary>Weighted mean of the scores that exist, 0 to 1.</summary>
    public double? OverallScore { get; init; }

    /// <summary>Cases of the suite revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Cases with verdict PASSED; written when the run ends.</summary>
    public required int PassedCount { get; init; }

    /// <summary>Cases with verdict FAILED.</summary>
    public required int FailedCount { get; init; }

    /// <summary>Cases with verdict ERRORED: the agent gave no useful reply.</summary>
    public required int ErroredCount { get; init; }

    /// <summary>Cases with verdict UNSCORED: the scorer could not decide.</summary>
    public required int UnscoredCount { get; init; }

    /// <summary>Tokens the agent read, where it said so.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens the agent wrote, where it said so.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>What the replies cost, in the currency of the genome.</summary>
    public double? Cost { get; init; }

    /// <summary>Milliseconds within which 95 % of the cases were answered; null until the run has ended, and in answers to requests that create a run.</summary>
    public long? P95Ms { get; init; }

    /// <summary>Why the last attempt failed, or what the run waits for.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the run is PENDING because its agent does not answer; it continues when the agent answers again, and fails after <c>Agents:OutagePatience</c>.</summary>
    public bool WaitsForAgent { get; init; }

    /// <summary>When a FAILED run was acknowledged, UTC; it needs no more action.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>Who acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    public static RunView Of(EvaluationRun run) => new()
    {
        Id = run.Id,
        VersionId = run.VersionId,
        AcknowledgedAt = run.AcknowledgedAt,
        AcknowledgedBy = run.AcknowledgedBy,
        SuiteId = run.SuiteId,
        SuiteRevision = run.SuiteRevision,
        Status = run.Status,
        Outcome = PassRule.Outcome(run.Status, run.PassedCount, run.CaseCount, run.PassThreshold),
        Priority = run.Priority,
        Trigger = run.Trigger,
        Attempt = run.Attempt,
        FailedAttempts = run.FailedAttempts,
        CreatedAt = run.CreatedAt,
        DueAt = run.DueAt,
        StartedAt = run.StartedAt,
        CompletedAt = run.CompletedAt,
        PassThreshold = run.PassThreshold,
        PassRate = run.PassRate,
        OverallScore = run.OverallScore,
        CaseCount = run.CaseCount,
        PassedCount = run.PassedCount,
        FailedCount = run.FailedCount,
        ErroredCount = run.ErroredCount,
        UnscoredCount = run.UnscoredCount,
        InputTokens = run.InputTokens,
        OutputTokens = run.OutputTokens,
        Cost = run.Cost,
        Error = run.Error,
        WaitsForAgent = run.Status == RunStatus.Pending && EndpointOutage.IsReasonOf(run.Error),
    };
}

/// <summary>A run in a list, with the names of what it belongs to.</summary>
internal sealed record RunItem
{
    /// <summary>The run's id.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant's slug.</summary>
    public required string Tenant { get; init; }

    /// <summary>The version that is evaluated.</summary>
    public required long VersionId { get; init; }

    /// <summary>Its agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Its label.</summary>
    public required string Label { get; init; }

    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its name.</summary>
    public required string Suite { get; init; }

    /// <summary>Its revision when the run was created.</summary>
    public required int SuiteRevision { get; init; }

    /// <summary>The run's status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>PASS or FAIL of a COMPLETED run by itself; null for other runs.</summary>
    public EvalStatus? Outcome { get; init; }

    /// <summary>A higher priority starts first within the tenant.</summary>
    public required int Priority { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Passed cases / all cases, 0 to 1.</summary>
    public double? PassRate { get; init; }

    /// <summary>Cases of the suite revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Cases with verdict PASSED.</summary>
    public required int PassedCount { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    /// <summary>When it moved to the archive, UTC; null when it has not.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    public static RunItem Of(RunRow run) => new()
    {
        Id = run.Id,
        Tenant = run.TenantSlug,
        VersionId = run.VersionId,
        Agent = run.AgentName,
        Label = run.VersionLabel,
        SuiteId = run.SuiteId,
        Suite = run.SuiteName,
        SuiteRevision = run.SuiteRevision,
        Status = run.Status,
        Outcome = run.Outcome,
        Priority = run.Priority,
        CreatedAt = run.CreatedAt,
        CompletedAt = run.CompletedAt,
        PassRate = run.PassRate,
        CaseCount = run.CaseCount,
        PassedCount = run.PassedCount,
        Error = run.Error,
        ArchivedAt = run.ArchivedAt,
    };
}

/// <summary>A run to create.</summary>
internal sealed record NewRun
{
    /// <summary>The version to evaluate.</summary>
    public required long VersionId { get; init; }

    /// <summary>A suite of the same tenant; if omitted, the tenant's default suite.</summary>
    public long? SuiteId { get; init; }

    /// <summary>A higher priority starts first within the tenant; -1000 to 1000. Default 0.</summary>
    public int Priority { get; init; }
}

/// <summary>The new priority of a run that waits.</summary>
internal sealed record NewPriority
{
    /// <summary>A higher priority starts first within the tenant; -1000 to 1000.</summary>
    public required int Priority { get; init; }
}

/// <summary>The reason why a run does not count as evidence.</summary>
internal sealed record VoidReason
{
    /// <summary>1 to 1000 characters; always shown with the standing.</summary>
    public required string Reason { get; init; }
}

/// <summary>The acknowledgement of a failed run: it needs no more action.</summary>
internal sealed record Acknowledgement
{
    /// <summary>Why nothing needs to be done, at most 1000 characters; it is stored in the audit record.</summary>
    public string? Note { get; init; }
}

/// <summary>A change of many runs at once.</summary>
internal sealed record BulkChange
{
    /// <summary>What to do with each run.</summary>
    public required Application.RunChange Change { get; init; }

    /// <summary>Which runs.</summary>
    public required BulkFilter Filter { get; init; }

    /// <summary>The new priority; only with PRIORITY.</summary>
    public int? Priority { get; init; }

    /// <summary>The highest number of runs, newest first; 1 to 1000. Default 1000.</summary>
    public int Limit { get; init; } = Application.ChangeRuns.MaxRuns;
}

/// <summary>Selects the runs to change. An omitted field matches any run.</summary>
internal sealed record BulkFilter
{
    /// <summary>The tenant's slug; may be omitted with a key of one tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only runs of this version.</summary>
    public long? VersionId { get; init; }

    /// <summary>Only runs of this suite.</summary>
    public long? SuiteId { get; init; }

    /// <summary>Only runs with this status.</summary>
    public RunStatus? Status { get; init; }
}

/// <summary>The outcome of a change of many runs.</summary>
internal sealed record BulkAnswer
{
    /// <summary>Runs that were changed; for RETRY, those that were repeated.</summary>
    public required IReadOnlyList<long> Changed { get; init; }

    /// <summary>Runs whose status no longer allowed the change.</summary>
    public required IReadOnlyList<long> Skipped { get; init; }
}
