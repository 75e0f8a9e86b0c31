using System.Data.Common;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Moves ended runs with their results to the archive tables and back, and deletes them from there, a small step per transaction.</summary>
/// <remarks>
/// Every step copies and deletes in one transaction whose counts must agree, so it is safe to stop at any point: each row is in exactly
/// one place. A run larger than a step moves its results first, the run itself with the last of them; readers look in both places.
/// </remarks>
internal sealed class ArchiveRepository(EvaluationDatabase database)
{
    private static readonly Move ToArchive = new(SqlQuery.CopyRunsToArchive, SqlQuery.DeleteRuns, SqlQuery.CopyResultsToArchive, SqlQuery.DeleteResults);

    private static readonly Move FromArchive = new(
        SqlQuery.CopyRunsFromArchive, SqlQuery.DeleteArchivedRuns, SqlQuery.CopyResultsFromArchive, SqlQuery.DeleteArchivedResults);

    /// <summary>Moves the oldest ended runs past retention.</summary>
    /// <param name="days">Runs that ended, or were restored, more than this many days ago by the database's clock are moved.</param>
    /// <param name="batchSize">Most rows (runs plus results) to move in this transaction.</param>
    /// <param name="cancellationToken">Moves nothing when cancelled.</param>
    /// <returns>What was moved; empty when nothing is past retention.</returns>
    /// <exception cref="InvalidOperationException">The counts did not agree; nothing was moved.</exception>
    public Task<MovedRows> ArchiveBatchAsync(int days, int batchSize, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var runIds = await ChooseAsync(db, SqlQuery.ListArchivableRuns, days, batchSize);
            if (runIds.Count == 0)
                return default;

            var results = await MoveResultsAsync(db, ToArchive, runIds, batchSize);
            var moved = new MovedRows(results < batchSize ? await MoveRunsAsync(db, ToArchive, runIds) : 0, results);
            await RecordAsync(db, ChangeType.RunsArchived, runIds, moved, days);
            return moved;
        }, cancellationToken);

    /// <summary>Deletes the oldest archived runs past their age permanently.</summary>
    /// <param name="days">Archived runs that ended more than this many days ago by the database's clock are deleted.</param>
    /// <param name="batchSize">Most rows (runs plus results) to delete in this transaction.</param>
    /// <param name="cancellationToken">Deletes nothing when cancelled.</param>
    /// <returns>What was deleted; empty when nothing is past its age.</returns>
    /// <exception cref="InvalidOperationException">The counts did not agree; nothing was deleted.</exception>
    public Task<MovedRows> PurgeBatchAsync(int days, int batchSize, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var runIds = await ChooseAsync(db, SqlQuery.ListPurgeableRuns, days, batchSize);
            if (runIds.Count == 0)
                return default;

            var found = await db.QuerySingleAsync<int>(SqlQuery.CountArchivedResults, Rows(runIds));
            var results = await db.ExecuteAsync(SqlQuery.DeleteArchivedResults, Rows(runIds, batchSize));
            EnsureEqual("results counted and deleted", Math.Min(found, batchSize), results);
            var runs = 0;
            if (results < batchSize)
            {
                runs = await db.ExecuteAsync(SqlQuery.DeleteArchivedRuns, Rows(runIds));
                EnsureEqual("runs chosen and deleted", runIds.Count, runs);
            }

            var purged = new MovedRows(runs, results);
            await RecordAsync(db, ChangeType.RunsPurged, runIds, purged, days);
            return purged;
        }, cancellationToken);

    /// <summary>Restores a run and its results from the archive. It stays for another retention period, then is archived again.</summary>
    /// <param name="runId">An archived run, or one whose results are partly there.</param>
    /// <param name="batchSize">Most results to move in one transaction. Another call finishes a restore that was stopped.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stops between two transactions.</param>
    /// <returns>What was moved, over all transactions.</returns>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <exception cref="ConflictException">The run is not in the archive, something it refers to is missing, or another process restores it; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The counts did not agree; the last transaction moved nothing.</exception>
    public async Task<MovedRows> RestoreAsync(long runId, int batchSize, string actor, CancellationToken cancellationToken)
    {
        try
        {
            var total = default(MovedRows);
            MovedRows step;
            do
            {
                step = await database.WriteAsync(db => RestoreStepAsync(db, runId, batchSize, actor, isFirst: total == default), cancellationToken);
                total = new MovedRows(total.Runs + step.Runs, total.Results + step.Results);
            }
            while (step.Results == batchSize);
            return total;
        }
        catch (DbException error) when (error.IsUniqueViolation())
        {
            throw new ConflictException($"Run {runId} or some of its results are there already: someone else is restoring it, or 42-integrity-check.sql finds it.");
        }
    }

    private static async Task<MovedRows> RestoreStepAsync(DbWork db, long runId, int batchSize, string actor, bool isFirst)
    {
        // The version is locked before the run; see the order of locks. It may be missing, which the next statement finds.
        if (await db.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = runId }) is [var found, ..])
            await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { found.VersionId });
        var run = await db.QuerySingleOrDefaultAsync<ArchivedRun>(SqlQuery.FindArchivedRun, new { RunId = runId })
            ?? throw new NotFoundException($"There is no run {runId}, neither live nor archived.");
        if (!run.IsArchived && !run.HasArchivedResults)
            return isFirst ? throw new ConflictException($"Run {runId} is not in the archive.") : default;
        if (run.MissingReferences().ToList() is { Count: > 0 } missing)
            throw new ConflictException($"Run {runId} cannot be restored: {string.Join(", ", missing)}.");

        List<long> runIds = [runId];
        var runs = run.IsArchived ? await MoveRunsAsync(db, FromArchive, runIds) : 0;
        if (!run.IsArchived)
            await db.ExecuteExactlyAsync(SqlQuery.MarkRunRestored, new { RunId = runId }, 1);
        var moved = new MovedRows(runs, await MoveResultsAsync(db, FromArchive, runIds, batchSize));
        await db.RecordAsync(run.TenantId, ChangeType.RunRestored, nameof(EvaluationRun), runId, actor, moved);
        return moved;
    }

    /// <returns>The first runs of the list whose rows fit into one step; the first one alone when it does not fit.</returns>
    private static async Task<List<long>> ChooseAsync(DbWork db, SqlQuery list, int days, int batchSize)
    {
        var chosen = new List<long>();
        long rows = 0;
        foreach (var run in await db.QueryAsync<AgedRun>(list, new { Days = days, Limit = batchSize }))
        {
            rows += 1 + run.CaseCount;
            if (rows > batchSize && chosen.Count > 0)
                break;
            chosen.Add(run.Id);
        }

        return chosen;
    }

    private static async Task<int> MoveResultsAsync(DbWork db, Move move, List<long> runIds, int limit)
    {
        var copied = await db.ExecuteAsync(move.CopyResults, Rows(runIds, limit));
        EnsureEqual("results copied and deleted", copied, await db.ExecuteAsync(move.DeleteResults, Rows(runIds, limit)));
        return copied;
    }

    private static async Task<int> MoveRunsAsync(DbWork db, Move move, List<long> runIds)
    {
        EnsureEqual("runs chosen and copied", runIds.Count, await db.ExecuteAsync(move.CopyRuns, Rows(runIds)));
        EnsureEqual("runs chosen and deleted", runIds.Count, await db.ExecuteAsync(move.DeleteRuns, Rows(runIds)));
        return runIds.Count;
    }

    private static void EnsureEqual(string what, int first, int second)
    {
        if (first != second)
            throw new InvalidOperationException($"The archive's counts disagree ({what}: {first} and {second}); nothing was changed.");
    }

    private static Task RecordAsync(DbWork db, string type, List<long> runIds, MovedRows rows, int days) => db.RecordAsync(
        null, type, nameof(EvaluationRun), runIds[0], Actor.System,
        new { rows.Runs, rows.Results, firstRunId = runIds.Min(), lastRunId = runIds.Max(), Days = days });

    private static object Rows(List<long> runIds) => new { RunIds = JsonSerializer.Serialize(runIds) };

    private static object Rows(List<long> runIds, int limit) => new { RunIds = JsonSerializer.Serialize(runIds), Limit = limit };

    /// <summary>The four statements of one direction.</summary>
    private sealed record Move(SqlQuery CopyRuns, SqlQuery DeleteRuns, SqlQuery CopyResults, SqlQuery DeleteResults);

    private sealed record AgedRun
    {
        public required long Id { get; init; }

        public required int CaseCount { get; init; }
    }

    private sealed record ArchivedRun
    {
        public required long TenantId { get; init; }

        public required long SuiteId { get; init; }

        public required long VersionId { get; init; }

        public required bool IsArchived { get; init; }

        public required bool HasArchivedResults { get; init; }

        public required bool HasTenant { get; init; }

        public required bool HasSuite { get; init; }

        public required bool HasVersion { get; init; }

        public required int MissingCaseCount { get; init; }

        /// <summary>A missing reference: the live tables' foreign keys would reject the run.</summary>
        public IEnumerable<string> MissingReferences()
        {
            if (!HasTenant)
                yield return $"its tenant {TenantId} is gone";
            if (!HasSuite)
                yield return $"its suite {SuiteId} is gone";
            if (!HasVersion)
                yield return $"its agent version {VersionId} is gone";
            if (MissingCaseCount > 0)
                yield return $"{MissingCaseCount} of its results {(MissingCaseCount == 1 ? "belongs to a test case that is gone" : "belong to test cases that are gone")}";
        }
    }
}

/// <summary>What one or more steps moved or deleted.</summary>
/// <param name="Runs">Runs.</param>
/// <param name="Results">Case results.</param>
internal readonly record struct MovedRows(int Runs, int Results);
