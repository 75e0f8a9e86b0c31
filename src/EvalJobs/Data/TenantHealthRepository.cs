using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads what tenants have waiting and keeps what the health check said of it.</summary>
public sealed class TenantHealthRepository(EvaluationDatabase database)
{
    /// <returns>The load of every tenant, by slug.</returns>
    public Task<IReadOnlyList<TenantLoad>> ListLoadAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<TenantLoad>(SqlQuery.ListTenantLoad, null, cancellationToken);

    /// <summary>Keeps the latest health of all tenants in one transaction.</summary>
    public Task SaveAsync(IEnumerable<TenantHealth> healths, CancellationToken cancellationToken) =>
        database.WriteAsync(db => db.ExecuteAsync(SqlQuery.SaveTenantHealth, healths.Select(health => new
        {
            health.Load.TenantId,
            Status = StoredWord.Of(health.Status),
            Reasons = JsonSerializer.Serialize(health.Reasons),
            health.Load.PendingCount,
            health.Load.RunningCount,
            health.Load.ExpiredLeaseCount,
            health.Load.OldestPendingAgeMs,
        })), cancellationToken);

    /// <returns>The database's clock, UTC.</returns>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<DateTimeOffset>(SqlQuery.ReadDatabaseClock, null, cancellationToken);
}
