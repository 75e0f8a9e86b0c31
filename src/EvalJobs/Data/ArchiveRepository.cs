using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Moves ended runs with their results to the archive tables, a small batch per transaction.</summary>
public sealed class ArchiveRepository(EvaluationDatabase database)
{
    /// <summary>Moves the oldest ended runs past retention.</summary>
    /// <param name="days">Ended runs older than this many days by the database's clock are moved.</param>
    /// <param name="batchSize">Most rows (runs plus results) to move in this transaction; one run is moved whole even if it is larger.</param>
    /// <param name="cancellationToken">Moves nothing when cancelled.</param>
    /// <returns>What was moved; empty when nothing is past retention.</returns>
    /// <remarks>Copied and deleted in one transaction whose counts must agree: a reader finds a run in exactly one place.</remarks>
    /// <exception cref="InvalidOperationException">The counts did not agree; nothing was moved.</exception>
    public Task<ArchivedRows> ArchiveBatchAsync(int days, int batchSize, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var candidates = await db.QueryAsync<ArchivableRun>(SqlQuery.ListArchivableRuns, new { Days = days, Limit = batchSize });
            var chosen = TakeWithin(candidates, batchSize);
            if (chosen.Count == 0)
                return default;

            var ids = new { RunIds = JsonSerializer.Serialize(chosen.Select(run => run.Id)) };
            var copiedRuns = await db.ExecuteAsync(SqlQuery.CopyRunsToArchive, ids);
            var copiedResults = await db.ExecuteAsync(SqlQuery.CopyResultsToArchive, ids);
            var deletedResults = await db.ExecuteAsync(SqlQuery.DeleteResults, ids);
            var deletedRuns = await db.ExecuteAsync(SqlQuery.DeleteRuns, ids);
            if (copiedRuns != chosen.Count || deletedRuns != copiedRuns || deletedResults != copiedResults)
            {
                throw new InvalidOperationException(
                    $"The archive's counts disagree (runs {chosen.Count} chosen, {copiedRuns} copied, {deletedRuns} deleted; "
                    + $"results {copiedResults} copied, {deletedResults} deleted); nothing was moved.");
            }

            await db.RecordAsync(
                null, ChangeType.RunsArchived, nameof(EvaluationRun), chosen[0].Id, Actor.System,
                new { runs = copiedRuns, results = copiedResults, firstRunId = chosen.Min(run => run.Id), lastRunId = chosen.Max(run => run.Id), Days = days });
            return new ArchivedRows(copiedRuns, copiedResults);
        }, cancellationToken);

    private static List<ArchivableRun> TakeWithin(IReadOnlyList<ArchivableRun> candidates, int batchSize)
    {
        var chosen = new List<ArchivableRun>();
        long rows = 0;
        foreach (var run in candidates)
        {
            rows += 1 + run.ResultCount;
            if (rows > batchSize && chosen.Count > 0)
                break;
            chosen.Add(run);
        }

        return chosen;
    }

    private sealed record ArchivableRun
    {
        public required long Id { get; init; }

        public required long ResultCount { get; init; }
    }
}

/// <summary>What one archive step moved.</summary>
/// <param name="Runs">Runs moved.</param>
/// <param name="Results">Their case results moved.</param>
public readonly record struct ArchivedRows(int Runs, int Results);
