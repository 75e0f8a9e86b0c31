using System.Collections.Concurrent;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli;

/// <summary>Carries batches inside the <c>process</c> command, which works them itself.</summary>
public sealed class InlineTenantBatchQueue : ITenantBatchQueue
{
    private readonly ConcurrentQueue<long> _batches = new();

    /// <inheritdoc/>
    public string Enqueue(long batchId, string? workerPool)
    {
        _batches.Enqueue(batchId);
        return $"inline-{batchId}";
    }

    /// <inheritdoc/>
    public bool Holds(TenantBatch batch) => _batches.Contains(batch.Id);

    /// <returns>All batches waiting now, in order; empty when none.</returns>
    public IReadOnlyList<long> TakeAll()
    {
        var taken = new List<long>();
        while (_batches.TryDequeue(out var batchId))
            taken.Add(batchId);
        return taken;
    }
}
