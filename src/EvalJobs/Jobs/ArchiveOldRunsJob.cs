using System.Diagnostics;
using EvalJobs.Data;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The daily cleanup: ended runs move to the archive, archived runs and history past their age are deleted.</summary>
/// <remarks>
/// Safe to stop at any point and to run twice at once: the rest waits for the next time. Its parts do not depend on
/// each other: a part that fails is logged, the others continue, and the job fails at the end.
/// </remarks>
[AutomaticRetry(Attempts = 0)]
internal sealed partial class ArchiveOldRunsJob(
    ArchiveRepository archive, HistoryRepository history, RetentionOptions options, ILogger<ArchiveOldRunsJob> logger)
{
    /// <summary>Archives and deletes everything past its age.</summary>
    /// <returns>What was moved and deleted; the dashboard shows it as the job's result.</returns>
    /// <exception cref="AggregateException">Parts of the work failed, for these reasons; the other parts are done.</exception>
    [JobDisplayName("Clean up old evaluations")]
    public async Task<CleanupSummary> RunAsync(CancellationToken cancellationToken)
    {
        LogStarted(options);
        var summary = new CleanupSummary();
        var failures = new List<Exception>();

        await TryAsync("archive runs", async () =>
        {
            var moved = await archive.ArchiveBatchAsync(options.Days, options.BatchSize, cancellationToken);
            summary = summary with { ArchivedRuns = summary.ArchivedRuns + moved.Runs, ArchivedResults = summary.ArchivedResults + moved.Results };
            return moved.Runs + moved.Results;
        }, failures, cancellationToken);

        if (options.PurgeDays is { } purgeDays)
        {
            await TryAsync("purge archived runs", async () =>
            {
                var purged = await archive.PurgeBatchAsync(purgeDays, options.BatchSize, cancellationToken);
                summary = summary with { PurgedRuns = summary.PurgedRuns + purged.Runs, PurgedResults = summary.PurgedResults + purged.Results };
                return purged.Runs + purged.Results;
            }, failures, cancellationToken);
        }

        // Batches before ticks: a tick is kept as long as a batch refers to it.
        await TryAsync("purge tenant batches", async () =>
        {
            var rows = await history.PurgeBatchesAsync(options.HistoryDays, options.BatchSize, cancellationToken);
            summary = summary with { PurgedBatches = summary.PurgedBatches + rows };
            return rows;
        }, failures, cancellationToken);
        await TryAsync("purge ticks", async () =>
        {
            var rows = await history.PurgeDispatchesAsync(options.HistoryDays, options.BatchSize, cancellationToken);
            summary = summary with { PurgedDispatches = summary.PurgedDispatches + rows };
            return rows;
        }, failures, cancellationToken);
        await TryAsync("forget answers of the API", async () =>
        {
            var rows = await history.PurgeApiAnswersAsync(options.BatchSize, cancellationToken);
            summary = summary with { PurgedApiAnswers = summary.PurgedApiAnswers + rows };
            return rows;
        }, failures, cancellationToken);
        if (options.AuditDays is { } auditDays)
        {
            await TryAsync("purge the audit trail", async () =>
            {
                var rows = await history.PurgeChangesAsync(auditDays, options.BatchSize, cancellationToken);
                summary = summary with { PurgedChangeRecords = summary.PurgedChangeRecords + rows };
                return rows;
            }, failures, cancellationToken);
        }

        if (failures.Count > 0)
            throw new AggregateException($"The cleanup is incomplete ({summary}).", failures);
        LogComplete(summary);
        return summary;
    }

    private async Task TryAsync(string part, Func<Task<int>> step, List<Exception> failures, CancellationToken cancellationToken)
    {
        try
        {
            await RepeatAsync(step, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogPartFailed(error, part);
            failures.Add(error);
        }
    }

    /// <summary>Repeats a small transaction until it finds nothing to do, with pauses, so that evaluations come before the cleanup.</summary>
    private static async Task RepeatAsync(Func<Task<int>> step, CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            if (await step() == 0)
                return;
            await Throttle.PauseAsync(started, cancellationToken);
        }
    }

    [LoggerMessage(1500, LogLevel.Information, "Cleaning up: {Retention}")]
    private partial void LogStarted(RetentionOptions retention);

    [LoggerMessage(1501, LogLevel.Information, "Cleanup complete: {Summary}")]
    private partial void LogComplete(CleanupSummary summary);

    [LoggerMessage(1502, LogLevel.Error, "The cleanup could not {Part}; it continues with the rest")]
    private partial void LogPartFailed(Exception error, string part);
}

/// <summary>What a cleanup did.</summary>
internal sealed record CleanupSummary
{
    /// <summary>Runs moved to the archive.</summary>
    public int ArchivedRuns { get; init; }

    /// <summary>Case results moved to the archive.</summary>
    public int ArchivedResults { get; init; }

    /// <summary>Archived runs deleted permanently.</summary>
    public int PurgedRuns { get; init; }

    /// <summary>Their case results.</summary>
    public int PurgedResults { get; init; }

    /// <summary>Ended tenant batches deleted.</summary>
    public int PurgedBatches { get; init; }

    /// <summary>Ticks deleted.</summary>
    public int PurgedDispatches { get; init; }

    /// <summary>Answers of the HTTP API, kept for requests that are repeated, deleted.</summary>
    public int PurgedApiAnswers { get; init; }

    /// <summary>Lines of the audit trail deleted.</summary>
    public int PurgedChangeRecords { get; init; }
}
