using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores which running processes work which worker pools, so that a pool without workers is noticed.</summary>
internal sealed class WorkerPoolRepository(EvaluationDatabase database)
{
    /// <summary>Stores that a process works these pools, until the lease expires. The process renews it.</summary>
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

    /// <summary>Deletes the rows of a process that stops, and of those whose lease expired.</summary>
    public Task WithdrawAsync(string owner, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(db => db.ExecuteAsync(SqlQuery.WithdrawWorkerServers, new { Owner = owner }), cancellationToken);

    /// <returns>The running processes with the pools they work, by pool; empty when no server runs.</returns>
    public Task<IReadOnlyList<WorkerServer>> ListAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<WorkerServer>(SqlQuery.ListWorkerServers, null, cancellationToken);
}
