using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Keeps which living processes work which worker pools, so that a pool without workers is seen.</summary>
internal sealed class WorkerPoolRepository(EvaluationDatabase database)
{
    /// <summary>Says that a process works these pools and will have said so again before the lease expires.</summary>
    public Task AnnounceAsync(string owner, IReadOnlyDictionary<string, int> pools, TimeSpan lease, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(
            db => db.ExecuteAsync(SqlQuery.AnnounceWorkerPool, pools.Select(pool => new
            {
                Owner = owner,
                Pool = pool.Key,
                WorkerCount = pool.Value,
                LeaseMs = (int)lease.TotalMilliseconds,
            })),
            cancellationToken);

    /// <summary>Forgets a process that stops, and with it those whose lease expired.</summary>
    public Task WithdrawAsync(string owner, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(db => db.ExecuteAsync(SqlQuery.WithdrawWorkerServers, new { Owner = owner }), cancellationToken);

    /// <returns>The living processes with the pools they work, by pool; empty when no server runs.</returns>
    public Task<IReadOnlyList<WorkerServer>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<WorkerServer>(SqlQuery.ListWorkerServers, null, cancellationToken);
}
