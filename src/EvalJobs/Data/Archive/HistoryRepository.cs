using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Deletes history past its age: ended tenant batches, ticks and the audit trail.</summary>
/// <remarks>Each call is one small transaction with an audit record. Only runs refer to the deleted rows, for information.</remarks>
internal sealed class HistoryRepository(EvaluationDatabase database)
{
    /// <summary>Deletes the oldest tenant batches that ended more than so many days ago.</summary>
    /// <returns>How many; 0 when none is past its age.</returns>
    public Task<int> PurgeBatchesAsync(int days, int limit, CancellationToken cancellationToken) =>
        PurgeAsync(SqlQuery.DeleteOldBatches, nameof(TenantBatch), days, limit, cancellationToken);

    /// <summary>Deletes the oldest ticks that started more than so many days ago and have no batch any more; never the last tick.</summary>
    /// <returns>How many; 0 when none is past its age.</returns>
    public Task<int> PurgeDispatchesAsync(int days, int limit, CancellationToken cancellationToken) =>
        PurgeAsync(SqlQuery.DeleteOldDispatches, nameof(Dispatch), days, limit, cancellationToken);

    /// <summary>Deletes the oldest lines of the audit trail that are more than so many days old.</summary>
    /// <returns>How many; 0 when none is past its age.</returns>
    public Task<int> PurgeChangesAsync(int days, int limit, CancellationToken cancellationToken) =>
        PurgeAsync(SqlQuery.DeleteOldChanges, nameof(ChangeRecord), days, limit, cancellationToken);

    /// <summary>Deletes answers of the HTTP API that are no longer given again when their request is repeated.</summary>
    /// <returns>How many; 0 when none is past its time.</returns>
    public Task<int> PurgeApiAnswersAsync(int limit, CancellationToken cancellationToken) =>
        database.WriteAsync(
            db => db.ExecuteAsync(SqlQuery.DeleteOldApiAnswers, new { KeptMs = (int)ApiAnswerRepository.Retention.TotalMilliseconds, Limit = limit }), cancellationToken);

    private Task<int> PurgeAsync(SqlQuery delete, string entity, int days, int limit, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var deleted = await db.ExecuteAsync(delete, new { Days = days, Limit = limit });
            if (deleted > 0)
                await db.RecordAsync(null, ChangeType.HistoryPurged, entity, 0, Actor.System, new { rows = deleted, Days = days });
            return deleted;
        }, cancellationToken);
}
