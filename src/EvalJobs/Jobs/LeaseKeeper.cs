using System.Collections.Concurrent;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Keeps the leases of everything this process works: renews all of them in one statement every third of a lease, looks every
/// second whether any was taken away, and tells the workers concerned.
/// </summary>
public sealed class LeaseKeeper(
    RunClaimRepository claims, DispatchRepository dispatches, ProcessIdentity process, ExecutionOptions options,
    TimeProvider clock, ILogger<LeaseKeeper> logger) : BackgroundService
{
    /// <summary>How often the holds are looked at: a cancelled run stops asking within two of these.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RunHold, bool> _runs = new();
    private readonly ConcurrentDictionary<long, bool> _batches = new();

    /// <summary>Watches over a claimed run until the hold is disposed.</summary>
    public RunHold Hold(EvaluationRun claim)
    {
        var hold = new RunHold(claim, each => _runs.TryRemove(each, out _));
        _runs[hold] = true;
        return hold;
    }

    /// <summary>Keeps a batch alive until the returned object is disposed.</summary>
    public IDisposable HoldBatch(long batchId)
    {
        _batches[batchId] = true;
        return new BatchHold(() => _batches.TryRemove(batchId, out _));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewEvery = options.Lease / 3;
        var lastRenewal = clock.GetTimestamp();
        using var timer = new PeriodicTimer(WatchInterval < renewEvery ? WatchInterval : renewEvery, clock);

        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Only those registered before the question is asked may be judged by its answer.
            var holds = _runs.Keys.ToList();
            try
            {
                if (clock.GetElapsedTime(lastRenewal) >= renewEvery)
                {
                    var asked = clock.GetTimestamp();
                    await RenewAsync(holds, stoppingToken);
                    lastRenewal = asked;
                }
                else if (holds.Count > 0)
                {
                    LoseAllBut(holds, await claims.ListHeldAsync(process.Name, Ids(holds), stoppingToken));
                }
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, the keeper lives on: without it every lease of the process would lapse.
                logger.LogWarning(error, "The leases of {RunCount} runs could not be renewed; trying again", holds.Count);
                if (clock.GetElapsedTime(lastRenewal) >= options.Lease)
                    LoseAll(holds);
            }
        }
    }

    private async Task RenewAsync(List<RunHold> holds, CancellationToken cancellationToken)
    {
        if (holds.Count > 0)
            LoseAllBut(holds, await claims.RenewAsync(process.Name, Ids(holds), options.Lease, cancellationToken));
        await dispatches.RenewBatchesAsync(process.Name, [.. _batches.Keys], options.Lease, cancellationToken);
    }

    private void LoseAllBut(List<RunHold> holds, IReadOnlyList<HeldRun> held)
    {
        var attempts = held.ToDictionary(run => run.Id, run => run.Attempt);
        foreach (var hold in holds)
        {
            if (attempts.TryGetValue(hold.Claim.Id, out var attempt) && attempt == hold.Claim.Attempt)
                continue;
            if (!_runs.ContainsKey(hold))
                continue;
            logger.LogInformation("Run {RunId}, attempt {Attempt}, is not ours any more", hold.Claim.Id, hold.Claim.Attempt);
            hold.Lose();
        }
    }

    /// <summary>Without a database answer for a whole lease, others may have taken the runs: asking on would ask twice.</summary>
    private static void LoseAll(List<RunHold> holds)
    {
        foreach (var hold in holds)
            hold.Lose();
    }

    private static List<long> Ids(List<RunHold> holds) => holds.ConvertAll(hold => hold.Claim.Id);

    private sealed class BatchHold(Action letGo) : IDisposable
    {
        public void Dispose() => letGo();
    }
}
