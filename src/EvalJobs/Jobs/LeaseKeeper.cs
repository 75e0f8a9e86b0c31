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
    RunClaimRepository claims, DispatchRepository dispatches, WorkerPoolRepository workerPools, TenantBatchScheduler scheduler,
    ProcessIdentity process, WorkerPools pools, ExecutionOptions options, TimeProvider clock, ILogger<LeaseKeeper> logger) : BackgroundService
{
    /// <summary>How often the holds are looked at: a cancelled run stops asking within two of these.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RunHold, bool> _runs = new();
    private readonly ConcurrentDictionary<long, bool> _batches = new();
    private readonly RepeatedTrouble _askingTrouble = new("The leases of this server's runs and batches could not be renewed", logger, clock);
    private readonly RepeatedTrouble _tidyingTrouble = new("Queued batches could not be held against Hangfire", logger, clock);
    private long _lastRenewal;

    /// <summary>How long ago the leases were last renewed; null before the first time.</summary>
    public TimeSpan? SinceRenewal => Volatile.Read(ref _lastRenewal) is not 0 and var last ? clock.GetElapsedTime(last) : null;

    /// <summary>Watches over a claimed run until the hold is disposed.</summary>
    /// <param name="claim">The run as it was claimed.</param>
    /// <param name="askedAt">The clock's timestamp before the claim was asked for.</param>
    public RunHold Hold(EvaluationRun claim, long askedAt)
    {
        var hold = new RunHold(claim, askedAt, each => _runs.TryRemove(each, out _));
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
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (pools.Pools.Count == 0)
            return;

        try
        {
            await workerPools.WithdrawAsync(process.Name, cancellationToken);
        }
        catch (Exception error)
        {
            logger.LogWarning(error, "This server's pools could not be withdrawn; they lapse by themselves");
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var renewEvery = options.Lease / 3;
        using var timer = new PeriodicTimer(WatchInterval < renewEvery ? WatchInterval : renewEvery, clock);
        var asking = Task.CompletedTask;
        var tidying = Task.CompletedTask;
        long? lastTidied = null;
        try
        {
            do
            {
                // Never behind the question: a database that does not answer must not keep workers on runs whose leases have lapsed.
                LoseLapsed();

                // A thread of its own: SQLite blocks its caller while another process has the file.
                if (asking.IsCompleted)
                    asking = Task.Run(() => AskAsync(renewEvery, stoppingToken), CancellationToken.None);
                if (tidying.IsCompleted && (lastTidied is not { } last || clock.GetElapsedTime(last) >= renewEvery))
                {
                    lastTidied = clock.GetTimestamp();
                    tidying = Task.Run(() => TidyAsync(stoppingToken), CancellationToken.None);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await tidying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(TimeSpan renewEvery, CancellationToken stoppingToken)
    {
        // Only those registered before the question is asked may be judged by its answer.
        var holds = _runs.Keys.ToList();
        try
        {
            if (SinceRenewal is not { } age || age >= renewEvery)
                await RenewAsync(holds, stoppingToken);
            else if (holds.Count > 0)
                LoseAllBut(holds, await claims.ListHeldAsync(process.Name, Ids(holds), stoppingToken), asked: null);
            else
                return;
            _askingTrouble.Over();
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            // Whatever it is, the keeper lives on: without it every lease of the process would lapse.
            _askingTrouble.Note(error);
        }
    }

    private async Task RenewAsync(List<RunHold> holds, CancellationToken cancellationToken)
    {
        var asked = clock.GetTimestamp();
        if (holds.Count > 0)
            LoseAllBut(holds, await claims.RenewAsync(process.Name, Ids(holds), options.Lease, cancellationToken), asked);
        await dispatches.RenewBatchesAsync(process.Name, [.. _batches.Keys], options.Lease, cancellationToken);
        if (pools.Pools.Count > 0)
            await workerPools.AnnounceAsync(process.Name, pools.Pools, options.Lease, cancellationToken);
        Volatile.Write(ref _lastRenewal, asked);
    }

    /// <summary>Beside the renewals, never before them: Hangfire's storage may be slow, and leases must not wait for it.</summary>
    private async Task TidyAsync(CancellationToken stoppingToken)
    {
        try
        {
            await scheduler.AbandonOrphansAsync(stoppingToken);
            _tidyingTrouble.Over();
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            _tidyingTrouble.Note(error);
        }
    }

    private void LoseAllBut(List<RunHold> holds, IReadOnlyList<HeldRun> held, long? asked)
    {
        var attempts = held.ToDictionary(run => run.Id, run => run.Attempt);
        foreach (var hold in holds)
        {
            if (attempts.TryGetValue(hold.Claim.Id, out var attempt) && attempt == hold.Claim.Attempt)
            {
                if (asked is { } moment)
                    hold.HeldSince = moment;
                continue;
            }

            if (!_runs.ContainsKey(hold))
                continue;
            logger.LogInformation("Run {RunId}, attempt {Attempt}, is not ours any more", hold.Claim.Id, hold.Claim.Attempt);
            hold.Lose();
        }
    }

    /// <summary>Without the database's word for a whole lease, others may have taken the run: asking on would ask twice.</summary>
    private void LoseLapsed()
    {
        foreach (var hold in _runs.Keys)
        {
            if (hold.IsLost || clock.GetElapsedTime(hold.HeldSince) < options.Lease)
                continue;
            logger.LogWarning("The lease of run {RunId}, attempt {Attempt}, could not be renewed in time", hold.Claim.Id, hold.Claim.Attempt);
            hold.Lose();
        }
    }

    private static List<long> Ids(List<RunHold> holds) => holds.ConvertAll(hold => hold.Claim.Id);

    private sealed class BatchHold(Action letGo) : IDisposable
    {
        public void Dispose() => letGo();
    }
}
