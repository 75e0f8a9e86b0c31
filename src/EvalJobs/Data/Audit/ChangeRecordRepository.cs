using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the audit trail. It is written inside the transactions of the changes themselves; here only requests for jobs are written.</summary>
internal sealed class ChangeRecordRepository(EvaluationDatabase database)
{
    /// <summary>The <see cref="ChangeRecord.TargetEntity"/> of records about the whole server; their id is 0.</summary>
    public const string ServerEntity = "Server";

    private const int MaxRecordedJobs = 100;

    /// <returns>A page of the trail, newest first; empty after the last. Null means any.</returns>
    public Task<IReadOnlyList<ChangeRecord>> ListAsync(
        long? tenantId, string? targetEntity, long? targetId, long beforeId, int limit, CancellationToken cancellationToken) =>
        ListAsync(
            new AuditFilter { TenantIds = tenantId is { } tenant ? [tenant] : null, TargetEntity = targetEntity, TargetId = targetId, BeforeId = beforeId }, limit, cancellationToken);

    /// <returns>A page of the trail that passes the filter, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<ChangeRecord>> ListAsync(AuditFilter filter, int limit, CancellationToken cancellationToken)
    {
        // All tenants: the server's own records too.
        var records = await PerTenantReader.ReadAsync(filter.TenantIds, tenant => ListAsync(filter, tenant, limit, cancellationToken));
        return [.. records.OrderByDescending(record => record.Id).Take(limit)];
    }

    // The most selective filter decides which index is read.
    private Task<IReadOnlyList<ChangeRecord>> ListAsync(AuditFilter filter, long? tenantId, int limit, CancellationToken cancellationToken)
    {
        if (filter is { TargetEntity: not null, TargetId: not null })
        {
            return database.QueryAsync<ChangeRecord>(
                SqlQuery.ListAuditTrailOfTarget,
                new { filter.TargetEntity, filter.TargetId, TenantId = tenantId, filter.Actor, filter.Type, filter.AfterId, filter.BeforeId, Limit = limit }, cancellationToken);
        }

        return (filter.Actor, tenantId) switch
        {
            (not null, _) => database.QueryAsync<ChangeRecord>(
                SqlQuery.ListAuditTrailOfActor, new { filter.Actor, TenantId = tenantId, filter.TargetEntity, filter.Type, filter.AfterId, filter.BeforeId, Limit = limit }, cancellationToken),
            (null, not null) => database.QueryAsync<ChangeRecord>(
                SqlQuery.ListAuditTrailOfTenant, new { TenantId = tenantId, filter.TargetEntity, filter.Type, filter.AfterId, filter.BeforeId, Limit = limit }, cancellationToken),
            (null, null) => database.QueryAsync<ChangeRecord>(
                SqlQuery.ListAuditTrail, new { filter.TargetEntity, filter.Type, filter.AfterId, filter.BeforeId, Limit = limit }, cancellationToken),
        };
    }

    /// <returns>A page of the requests of people about some entities of one kind: runs created and voided, policies set. Newest first; empty after the last.</returns>
    /// <param name="tenantId">The tenant of them all.</param>
    /// <param name="targetEntity">Their kind.</param>
    /// <param name="targetIds">The things; a few hundred at most.</param>
    /// <param name="beforeId">The last id of the previous page; <see cref="long.MaxValue"/> for the first page.</param>
    /// <param name="limit">Records at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<ChangeRecord>> ListRequestsAsync(
        long tenantId, string targetEntity, IEnumerable<long> targetIds, long beforeId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ChangeRecord>(
            SqlQuery.ListRequestRecords,
            new { TenantId = tenantId, TargetEntity = targetEntity, TargetIds = JsonSerializer.Serialize(targetIds), BeforeId = beforeId, Limit = limit },
            cancellationToken);

    /// <returns>The highest id of the trail at that time; later records have higher ids.</returns>
    public Task<long> FindIdAtAsync(TimeSpan ago, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<long>(SqlQuery.FindChangeRecordIdAt, new { AgoMs = (long)ago.TotalMilliseconds }, cancellationToken);

    /// <summary>Records a request to start work now; the work writes its own records.</summary>
    /// <param name="tenant">The tenant concerned; null for the whole server.</param>
    /// <param name="type">See <see cref="ChangeType"/>.</param>
    /// <param name="actor">Who requested it.</param>
    /// <param name="cancellationToken">Records nothing when cancelled.</param>
    public Task RecordRequestAsync(Tenant? tenant, string type, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(
            db => tenant is null
                ? db.RecordAsync(null, type, ServerEntity, 0, actor, new { })
                : db.RecordAsync(tenant.Id, type, nameof(Tenant), tenant.Id, actor, new { tenant.Slug }),
            cancellationToken);

    /// <summary>Records that someone pressed a button of Hangfire's own pages.</summary>
    /// <param name="command">Its path, such as <c>/recurring/trigger</c>.</param>
    /// <param name="jobs">Hangfire's ids of the jobs it was pressed for; the first hundred are kept.</param>
    /// <param name="actor">Who pressed it.</param>
    /// <param name="cancellationToken">Records nothing when cancelled.</param>
    public Task RecordHangfireCommandAsync(string command, IReadOnlyList<string> jobs, string actor, CancellationToken cancellationToken) =>
        database.WriteAsync(
            db => db.RecordAsync(
                null, ChangeType.HangfireCommand, ServerEntity, 0, actor, new { command, jobs = jobs.Take(MaxRecordedJobs), jobCount = jobs.Count }),
            cancellationToken);
}

/// <summary>Which records of the audit trail to list; null means any.</summary>
internal sealed record AuditFilter
{
    /// <summary>Of these tenants; a few at most. Null also means what concerns the whole server.</summary>
    public IReadOnlyCollection<long>? TenantIds { get; init; }

    /// <summary>Of this type; see <see cref="ChangeType"/>.</summary>
    public string? Type { get; init; }

    /// <summary>Of this kind of thing.</summary>
    public string? TargetEntity { get; init; }

    /// <summary>Of this entity; used only with <see cref="TargetEntity"/>.</summary>
    public long? TargetId { get; init; }

    /// <summary>By this person or program, exactly.</summary>
    public string? Actor { get; init; }

    /// <summary>With greater ids only.</summary>
    public long AfterId { get; init; }

    /// <summary>With smaller ids only: the last id of the previous page.</summary>
    public long BeforeId { get; init; } = long.MaxValue;
}
