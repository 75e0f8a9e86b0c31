using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the figures of the last day and the latest batches of tenants, for the dashboard.</summary>
internal sealed class OverviewRepository(EvaluationDatabase database)
{
    /// <returns>The runs created and ended in the last 24 hours, per tenant and hour; hours without any are left out.</returns>
    public Task<IReadOnlyList<DayFlow>> ListDayFlowAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<DayFlow>(SqlQuery.ListDayFlow, null, cancellationToken);

    /// <returns>The latest batch of each of these tenants that ever had one, in no order.</returns>
    public Task<IReadOnlyList<TenantBatch>> ListLastBatchesAsync(IEnumerable<long> tenantIds, CancellationToken cancellationToken) =>
        database.QueryAsync<TenantBatch>(SqlQuery.ListLastBatches, new { TenantIds = JsonSerializer.Serialize(tenantIds) }, cancellationToken);

    /// <returns>A tenant's latest batches, newest first.</returns>
    public Task<IReadOnlyList<TenantBatch>> ListBatchesAsync(long tenantId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<TenantBatch>(SqlQuery.ListBatches, new { TenantId = tenantId, Limit = limit }, cancellationToken);
}
