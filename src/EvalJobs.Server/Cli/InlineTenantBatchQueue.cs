using System.Collections.Concurrent;
using EvalJobs.Data;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Cli;

/// <summary>The queue of batches of the command <c>process</c>, which works them itself.</summary>
internal sealed class InlineTenantBatchQueue : ITenantBatchQueue
{
    private readonly ConcurrentQueue<long> _batches = new();
    private readonly ConcurrentDictionary<long, bool> _known = new();

    /// <inheritdoc/>
    /// <remarks>The command works the batches of every pool.</remarks>
    public bool Reaches(string? workerPool) => true;

    /// <inheritdoc/>
    public string Enqueue(long batchId, string? workerPool)
    {
        _known[batchId] = true;
        _batches.Enqueue(batchId);
        return $"inline-{batchId}";
    }

    /// <inheritdoc/>
    /// <remarks>Also of batches that were taken: they wait for one of the command's workers.</remarks>
    public bool Holds(QueuedBatch batch) => _known.ContainsKey(batch.Id);

    /// <returns>The batches that wait now, in order; empty when there are none.</returns>
    public IReadOnlyList<long> TakeAll()
    {
        var taken = new List<long>();
        while (_batches.TryDequeue(out var batchId))
            taken.Add(batchId);
        return taken;
    }
}
