using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>The worker pools this process works, and whether a job it queues reaches the workers of other processes.</summary>
/// <param name="Pools">Pools with their number of workers; empty for a process that works none, such as a command.</param>
/// <param name="IsShared">Whether Hangfire's storage is shared: then a job for any pool finds its server, if there is one.</param>
internal sealed record WorkerPools(IReadOnlyDictionary<string, int> Pools, bool IsShared)
{
    /// <summary>A process that works no pool.</summary>
    public static WorkerPools None { get; } = new(new Dictionary<string, int>(StringComparer.Ordinal), IsShared: false);

    /// <returns>Whether a job queued here for the pool can come to be worked. Null means the common pool.</returns>
    public bool Reach(string? pool) => IsShared || Pools.ContainsKey(pool ?? Tenant.CommonPool);
}
