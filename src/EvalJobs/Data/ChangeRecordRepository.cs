using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the audit trail. It is written inside the transactions of the changes themselves; here only what someone asked a job to do.</summary>
public sealed class ChangeRecordRepository(EvaluationDatabase database)
{
    /// <summary>The <see cref="ChangeRecord.TargetEntity"/> of what concerns the whole server; its id is 0.</summary>
    public const string ServerEntity = "Server";

    /// <returns>A page of the trail, newest first; empty after the last. Null means any.</returns>
    public Task<IReadOnlyList<ChangeRecord>> ListAsync(
        long? tenantId, string? targetEntity, long? targetId, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ChangeRecord>(
            SqlQuery.ListChangeRecords, new { TenantId = tenantId, TargetEntity = targetEntity, TargetId = targetId, BeforeId = beforeId, Limit = limit }, cancellationToken);

    /// <summary>Records that someone asked for work to be done now; the work leaves its own records.</summary>
    /// <param name="tenant">The tenant concerned; null for the whole server.</param>
    /// <param name="type">See <see cref="ChangeType"/>.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="cancellationToken">Records nothing when cancelled.</param>
    public Task RecordRequestAsync(Tenant? tenant, string type, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(
            db => tenant is null
                ? db.RecordAsync(null, type, ServerEntity, 0, actor, new { })
                : db.RecordAsync(tenant.Id, type, nameof(Tenant), tenant.Id, actor, new { tenant.Slug }),
            cancellationToken);
}
