using System.Collections.Concurrent;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The runs and batches this process works now. Workers register them; <see cref="LeaseKeeper"/> renews their leases.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed partial class LeaseRegistry(ExecutionOptions options, TimeProvider clock, ILogger<LeaseRegistry> logger)
{
    private readonly ConcurrentDictionary<RunHold, bool> _runs = new();
    private readonly ConcurrentDictionary<long, bool> _batches = new();
    private readonly ConcurrentQueue<EvaluationRun> _expired = new();

    /// <summary>The runs held now.</summary>
    internal IReadOnlyList<RunHold> Runs => [.. _runs.Keys];

    /// <summary>The batches held now.</summary>
    internal IReadOnlyList<long> BatchIds => [.. _batches.Keys];

    /// <summary>Registers a claimed run until the hold is disposed.</summary>
    /// <param name="claim">The run as it was claimed.</param>
    /// <param name="askedAt">The clock's timestamp before the claim was requested.</param>
    public RunHold Hold(EvaluationRun claim, long askedAt)
    {
        var hold = new RunHold(claim, askedAt, each => _runs.TryRemove(each, out _));
        _runs[hold] = true;
        return hold;
    }

    /// <summary>Registers a batch until the returned object is disposed.</summary>
    public IDisposable HoldBatch(long batchId)
    {
        _batches[batchId] = true;
        return new BatchHold(() => _batches.TryRemove(batchId, out _));
    }

    /// <summary>Marks the runs as lost that the database did not return as held.</summary>
    /// <param name="runs">The runs in the query: a run registered after it must not be judged by its result.</param>
    /// <param name="held">The runs that are still held.</param>
    /// <param name="renewedAt">The clock's timestamp before a renewal was requested; null when nothing was renewed.</param>
    internal void MarkLostExcept(IReadOnlyList<RunHold> runs, IReadOnlyList<HeldRun> held, long? renewedAt)
    {
        var attempts = held.ToDictionary(run => run.Id, run => run.Attempt);
        foreach (var run in runs)
        {
            if (attempts.TryGetValue(run.Claim.Id, out var attempt) && attempt == run.Claim.Attempt)
            {
                if (renewedAt is { } moment)
                    run.HeldSince = moment;
                continue;
            }

            if (!_runs.ContainsKey(run))
                continue;
            LogTaken(run.Claim.Id, run.Claim.Attempt);
            run.MarkLost();
        }
    }

    /// <summary>Marks runs as lost whose lease was not renewed for a whole lease: another process may have claimed them, and their cases would be asked twice.</summary>
    internal void MarkExpiredLost()
    {
        foreach (var run in _runs.Keys)
        {
            if (run.IsLost || clock.GetElapsedTime(run.HeldSince) < options.Lease)
                continue;
            LogExpired(run.Claim.Id, run.Claim.Attempt);
            _expired.Enqueue(run.Claim);
            run.MarkLost();
        }
    }

    /// <summary>Releases the runs whose leases expired although this process still runs. The database may have counted its end.</summary>
    internal async Task ReturnExpiredAsync(Func<EvaluationRun, Task> giveBack)
    {
        while (_expired.TryPeek(out var claim))
        {
            await giveBack(claim);
            _expired.TryDequeue(out _);
        }
    }

    [LoggerMessage(1300, LogLevel.Information, "Lost the lease of run {RunId}, attempt {Attempt}: the run was cancelled or requeued")]
    private partial void LogTaken(long runId, int attempt);

    [LoggerMessage(1301, LogLevel.Warning, "Lost the lease of run {RunId}, attempt {Attempt}: it could not be renewed in time")]
    private partial void LogExpired(long runId, int attempt);

    private sealed class BatchHold(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
