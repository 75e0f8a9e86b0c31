using EvalJobs.Data;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The daily cleanup: moves ended runs past retention to the archive, a small batch per transaction.</summary>
/// <remarks>Safe to stop at any point and to run twice at once: what moved has moved, the rest waits for the next time.</remarks>
[AutomaticRetry(Attempts = 0)]
public sealed class ArchiveOldRunsJob(ArchiveRepository archive, RetentionOptions options, ILogger<ArchiveOldRunsJob> logger)
{
    /// <summary>A breath between batches lets waiting work through.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    /// <summary>Moves everything past retention.</summary>
    /// <returns>What was moved; the dashboard shows it as the job's result.</returns>
    [JobDisplayName("Archive old runs")]
    public async Task<ArchiveSummary> RunAsync(CancellationToken cancellationToken)
    {
        logger.LogInformation("Archiving runs that ended more than {Days} days ago", options.Days);
        var summary = new ArchiveSummary(0, 0, 0);
        while (true)
        {
            var moved = await archive.ArchiveBatchAsync(options.Days, options.BatchSize, cancellationToken);
            if (moved.Runs == 0)
                break;
            summary = new ArchiveSummary(summary.Runs + moved.Runs, summary.Results + moved.Results, summary.Batches + 1);
            await Task.Delay(Breath, cancellationToken);
        }

        logger.LogInformation("Archived {Runs} runs with {Results} results in {Batches} batches", summary.Runs, summary.Results, summary.Batches);
        return summary;
    }
}

/// <summary>What a cleanup moved.</summary>
/// <param name="Runs">Runs moved to the archive.</param>
/// <param name="Results">Their case results.</param>
/// <param name="Batches">Transactions it took.</param>
public sealed record ArchiveSummary(int Runs, int Results, int Batches);
