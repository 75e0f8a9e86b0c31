using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>One thing that happened to a run.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="What">In words.</param>
/// <param name="Actor">Who did it; null for an automatic event.</param>
/// <param name="Payload">The details as a JSON object; null when there are none.</param>
/// <param name="IsFailure">Whether it is a failure.</param>
internal sealed record TimelineEntry(DateTimeOffset At, string What, string? Actor, string? Payload, bool IsFailure)
{
    /// <summary>The timeline of a run from its audit records and its own times.</summary>
    /// <param name="run">The run.</param>
    /// <param name="records">Its records, in any order.</param>
    public static IReadOnlyList<TimelineEntry> Of(EvaluationRun run, IReadOnlyList<ChangeRecord> records)
    {
        var entries = records.Select(record => new TimelineEntry(MomentOf(run, record), Words(record), record.Actor, record.Payload, IsFailureOf(record))).ToList();

        // Claims leave no record: the first is the run's own start.
        if (run.StartedAt is { } started)
            entries.Add(new TimelineEntry(started, "First claimed by a worker", null, null, false));
        if (run.Status == RunStatus.Pending && run.Attempt > 0)
            entries.Add(new TimelineEntry(run.DueAt, $"Due for attempt {run.Attempt + 1}", null, null, false));
        return [.. entries.OrderBy(entry => entry.At)];
    }

    /// <summary>Attempts released because the agent did not answer, a server stopped, or another tenant was next. They do not count as failed and have no record.</summary>
    /// <param name="run">The run.</param>
    /// <param name="records">All its records.</param>
    public static int ReleasedCount(EvaluationRun run, IReadOnlyList<ChangeRecord> records)
    {
        // It is not known whether a cancelled run was being worked.
        if (run.Status == RunStatus.Cancelled)
            return 0;
        var recorded = records.Count(record => record.Type is ChangeType.RunAttemptFailed or ChangeType.RunRequeued or ChangeType.RunCompleted or ChangeType.RunFailed);
        return Math.Max(0, run.Attempt - recorded - (run.Status == RunStatus.Running ? 1 : 0));
    }

    // A record is written a moment after the event: the figures are calculated from the run's own times.
    private static DateTimeOffset MomentOf(EvaluationRun run, ChangeRecord record) => record.Type switch
    {
        ChangeType.RunCreated => run.CreatedAt,
        ChangeType.RunCompleted or ChangeType.RunFailed or ChangeType.RunCancelled => run.CompletedAt ?? record.At,
        _ => record.At,
    };

    private static bool IsFailureOf(ChangeRecord record) =>
        record.Type is ChangeType.RunFailed or ChangeType.RunAttemptFailed || (record.Type == ChangeType.RunRequeued && IsAutomatic(record));

    // An administrator's script requeues too.
    private static bool IsAutomatic(ChangeRecord record) => record.Actor == Domain.Actor.System;

    // A running process releases its run; a rescue requeues the run of a process that ended.
    private static bool IsReleased(ChangeRecord record) => record.Payload.Contains("\"givenBack\":true", StringComparison.Ordinal);

    private static string Words(ChangeRecord record) => record.Type switch
    {
        ChangeType.RunCreated => "Created",
        ChangeType.RunAttemptFailed => "Attempt failed; waits for the next",
        ChangeType.RunRequeued => !IsAutomatic(record) ? "Requeued by hand" : IsReleased(record) ? "Lease could not be renewed; released" : "Lease expired; requeued",
        ChangeType.RunCompleted => "Completed",
        ChangeType.RunFailed => "Failed permanently",
        ChangeType.RunCancelled => "Cancelled",
        ChangeType.RunPrioritySet => "Priority changed",
        ChangeType.RunAcknowledged => "Acknowledged",
        ChangeType.RunVoided => "Declared void",
        ChangeType.RunRestored => "Restored from the archive",
        _ => record.Type,
    };
}
