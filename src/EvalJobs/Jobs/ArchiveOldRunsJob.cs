using System.Diagnostics;
using EvalJobs.Data;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The daily cleanup: ended runs go to the archive, archived runs and history past their age go for good.</summary>
/// <remarks>Safe to stop at any point and to run twice at once: what is done is done, the rest waits for the next time.</remarks>
[AutomaticRetry(Attempts = 0)]
public sealed class ArchiveOldRunsJob(
    ArchiveRepository archive, HistoryRepository history, RetentionOptions options, ILogger<ArchiveOldRunsJob> logger)
{
    private static readonly TimeSpan ShortestBreath = TimeSpan.FromMilliseconds(20);

    /// <summary>Works off everything past its age.</summary>
    /// <returns>What was moved and deleted; the dashboard shows it as the job's result.</returns>
    [JobDisplayName("Clean up old evaluations")]
    public async Task<CleanupSummary> RunAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Cleaning up: {Retention}", options);
        var summary = new CleanupSummary();

        await RepeatAsync(async () =>
        {
            var moved = await archive.ArchiveBatchAsync(options.Days, options.BatchSize, cancellationToken);
            summary = summary with { ArchivedRuns = summary.ArchivedRuns + moved.Runs, ArchivedResults = summary.ArchivedResults + moved.Results };
            return moved.Runs + moved.Results;
        }, cancellationToken);

        if (options.PurgeDays is { } purgeDays)
        {
            await RepeatAsync(async () =>
            {
                var purged = await archive.PurgeBatchAsync(purgeDays, options.BatchSize, cancellationToken);
                summary = summary with { PurgedRuns = summary.PurgedRuns + purged.Runs, PurgedResults = summary.PurgedResults + purged.Results };
                return purged.Runs + purged.Results;
            }, cancellationToken);
        }

        // Batches before ticks: a tick is kept as long as a batch refers to it.
        var batches = await RepeatAsync(() => history.PurgeBatchesAsync(options.HistoryDays, options.BatchSize, cancellationToken), cancellationToken);
        var dispatches = await RepeatAsync(() => history.PurgeDispatchesAsync(options.HistoryDays, options.BatchSize, cancellationToken), cancellationToken);
        var changes = options.AuditDays is { } auditDays
            ? await RepeatAsync(() => history.PurgeChangesAsync(auditDays, options.BatchSize, cancellationToken), cancellationToken)
            : 0;
        summary = summary with { PurgedBatches = batches, PurgedDispatches = dispatches, PurgedChangeRecords = changes };

        logger.LogInformation("Cleanup complete: {Summary}", summary);
        return summary;
    }

    /// <summary>Repeats a small transaction until it finds nothing to do, and breathes in between: the work goes before the cleanup.</summary>
    /// <returns>The rows of all steps.</returns>
    private static async Task<int> RepeatAsync(Func<Task<int>> step, CancellationToken cancellationToken)
    {
        var total = 0;
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            var rows = await step();
            if (rows == 0)
                return total;
            total += rows;

            // As long as the step took: other processes poll for SQLite's one writer and must find it free half of the time.
            var took = Stopwatch.GetElapsedTime(started);
            await Task.Delay(took > ShortestBreath ? took : ShortestBreath, cancellationToken);
        }
    }
}

/// <summary>What a cleanup did.</summary>
public sealed record CleanupSummary
{
    /// <summary>Runs moved to the archive.</summary>
    public int ArchivedRuns { get; init; }

    /// <summary>Case results moved to the archive.</summary>
    public int ArchivedResults { get; init; }

    /// <summary>Archived runs deleted for good.</summary>
    public int PurgedRuns { get; init; }

    /// <summary>Their case results.</summary>
    public int PurgedResults { get; init; }

    /// <summary>Ended tenant batches deleted.</summary>
    public int PurgedBatches { get; init; }

    /// <summary>Ticks deleted.</summary>
    public int PurgedDispatches { get; init; }

    /// <summary>Lines of the audit trail deleted.</summary>
    public int PurgedChangeRecords { get; init; }
}
