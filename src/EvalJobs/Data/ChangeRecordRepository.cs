using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the audit trail. It is written only inside the transactions of the changes themselves.</summary>
public sealed class ChangeRecordRepository(EvaluationDatabase database)
{
    /// <returns>A page of the trail, newest first; empty after the last. Null means any.</returns>
    public Task<IReadOnlyList<ChangeRecord>> ListAsync(
        long? tenantId, string? targetEntity, long? targetId, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ChangeRecord>(
            SqlQuery.ListChangeRecords, new { TenantId = tenantId, TargetEntity = targetEntity, TargetId = targetId, BeforeId = beforeId, Limit = limit }, cancellationToken);
}
