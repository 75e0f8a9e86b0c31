using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Gives a tenant its next batch: reserves it in our tables, then queues the job that carries it.</summary>
public sealed class TenantBatchScheduler(
    DispatchRepository dispatches, TenantRepository tenants, ITenantBatchQueue queue, ProcessIdentity process,
    DispatchOptions dispatchOptions, ExecutionOptions options, TimeProvider clock, ILogger<TenantBatchScheduler> logger) : IDisposable
{
    /// <summary>Queued batches looked at in one go: each is a question to Hangfire's storage. The next go looks at those behind them.</summary>
    private const int MaxLookedAt = 200;

    /// <summary>How long a look through all pending work lasts. Until the next, a batch that goes on looks at what came due since.</summary>
    private static readonly TimeSpan LookLasts = TimeSpan.FromSeconds(1);

    /// <summary>Work may be seen this much later than it says it came due: its transaction had not ended.</summary>
    private static readonly TimeSpan Unseen = TimeSpan.FromSeconds(1);

    /// <summary>Of the batches that go on, one looks for all. A tick never waits: one that hangs must not hold up the next.</summary>
    private readonly SemaphoreSlim _looking = new(1);

    private long _lookedUpTo;

    /// <summary>The last complete look through all pending work; null before the first.</summary>
    private volatile Look? _look;

    /// <summary>Queues a batch for every tenant with due work and no live batch, the one served longest ago first.</summary>
    /// <returns>How many tenants had due work, and how many batches were queued.</returns>
    /// <exception cref="Exception">The tenants could not be read. Trouble with one of them is logged, and the next tick tries it again.</exception>
    public async Task<(int Tenants, int Queued)> ScheduleDueAsync(long? dispatchId, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var due = await dispatches.ListTenantsDueAsync(cancellationToken);
        var queued = await ScheduleAllAsync(due, dispatchId, cancellationToken);

        // Only now that all of them are queued: whoever goes on meanwhile must not get ahead of the last.
        _look = new Look(began, clock.GetTimestamp());
        return (due.Count, queued);
    }

    /// <summary>Queues the next batch of a tenant that has just had one, behind every other with due work.</summary>
    /// <remarks>
    /// Looking through all pending work costs more the more there is, and batches of quick agents end many times a second. So that is
    /// done once a second; in between, those come first whose work came due since. docs/develop/decisions/0004-whom-a-batch-queues.md.
    /// Trouble with queueing it is logged, and the next tick tries again: the batch that has ended is not to blame.
    /// </remarks>
    /// <exception cref="Exception">The tenants could not be read.</exception>
    public async Task ContinueAsync(long tenantId, long? dispatchId, CancellationToken cancellationToken)
    {
        await ScheduleOthersAsync(dispatchId, Timeout.InfiniteTimeSpan, cancellationToken);
        try
        {
            await ScheduleAllAsync([await tenants.GetAsync(tenantId, cancellationToken)], dispatchId, cancellationToken);
        }
        catch (NotFoundException)
        {
            // Deleted meanwhile.
        }
    }

    /// <summary>Queues a batch unless the tenant has a live one, or its worker pool is out of this process's reach.</summary>
    /// <returns>Whether a batch was queued.</returns>
    /// <remarks>A crash between the two steps leaves a reservation whose lease lapses; the next tick then serves the tenant.</remarks>
    public async Task<bool> ScheduleAsync(Tenant tenant, long? dispatchId, CancellationToken cancellationToken)
    {
        // A job put where nobody takes it would keep the tenant from those who could; they have ticks of their own.
        if (!queue.Reaches(tenant.WorkerPool))
            return false;

        var batchId = await dispatches.ReserveBatchAsync(dispatchId, tenant, process.Name, options.Lease, cancellationToken);
        if (batchId is null)
            return false;

        try
        {
            var jobId = queue.Enqueue(batchId.Value, tenant.WorkerPool);
            await dispatches.SetJobAsync(batchId.Value, jobId, CancellationToken.None);
            return true;
        }
        catch (Exception error)
        {
            logger.LogError(error, "Batch {BatchId} of tenant {Tenant} could not be queued", batchId, tenant.Slug);
            await dispatches.AbandonQueuedBatchAsync(batchId.Value, $"Could not be queued: {error.Message}", CancellationToken.None);
            throw;
        }
    }

    /// <summary>Serves a tenant that has just got a run without waiting for the tick, where <see cref="DispatchOptions.PickUpOnCreate"/> says so.</summary>
    /// <remarks>Never fails its caller: the run is stored, and the next tick finds it in any case.</remarks>
    public async Task PickUpAsync(long tenantId, CancellationToken cancellationToken)
    {
        if (!dispatchOptions.PickUpOnCreate)
            return;

        try
        {
            var tenant = await tenants.GetAsync(tenantId, cancellationToken);
            if (tenant.IsPaused || !await ScheduleAsync(tenant, null, cancellationToken))
                return;

            // One that gets run after run must not be served again and again while others, whose work has come due, wait for the tick.
            // Whoever looks right now queues them: someone may be waiting for the dashboard's answer.
            await ScheduleOthersAsync(null, TimeSpan.Zero, cancellationToken);
        }
        catch (Exception error)
        {
            logger.LogWarning(error, "The new run of tenant {TenantId} could not be picked up at once; it waits for the tick", tenantId);
        }
    }

    /// <summary>
    /// Frees the tenants of batches that this process queued and that will never be worked: the Hangfire job vanished or was
    /// deleted, or the tenant has moved to another pool. The next tick serves them anew.
    /// </summary>
    /// <remarks>Their process looks after them, since only it keeps their leases alive; nobody else's tick is needed. One call at a time.</remarks>
    public async Task AbandonOrphansAsync(CancellationToken cancellationToken)
    {
        var batches = await dispatches.ListStaleQueuedBatchesAsync(process.Name, options.Lease, _lookedUpTo, MaxLookedAt, cancellationToken);

        // Round and round: many that wait rightly, in a pool whose server is away, must not hide one that waits for nothing.
        _lookedUpTo = batches.Count < MaxLookedAt ? 0 : batches[^1].Id;
        foreach (var batch in batches)
        {
            var reason = batch.WorkerPool != batch.TenantPool ? "Its tenant moved to another worker pool before a worker took it up."
                : !queue.Holds(batch) ? "Its Hangfire job vanished before a worker took it up."
                : null;
            if (reason is not null && await dispatches.AbandonQueuedBatchAsync(batch.Id, reason, cancellationToken))
                logger.LogWarning("Batch {BatchId} was abandoned: {Reason}", batch.Id, reason);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _looking.Dispose();

    private async Task ScheduleOthersAsync(long? dispatchId, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await _looking.WaitAsync(patience, cancellationToken))
            return;

        try
        {
            if (_look is null || clock.GetElapsedTime(_look.Ended) >= LookLasts)
            {
                await ScheduleDueAsync(dispatchId, cancellationToken);
                return;
            }
        }
        finally
        {
            _looking.Release();
        }

        var since = clock.GetElapsedTime(_look.Began) + Unseen;
        await ScheduleAllAsync(await dispatches.ListTenantsLatelyDueAsync(since, cancellationToken), dispatchId, cancellationToken);
    }

    private async Task<int> ScheduleAllAsync(IReadOnlyList<Tenant> due, long? dispatchId, CancellationToken cancellationToken)
    {
        var queued = 0;
        foreach (var tenant in due)
        {
            try
            {
                if (await ScheduleAsync(tenant, dispatchId, cancellationToken))
                    queued++;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // One tenant's trouble must not keep the rest waiting.
                logger.LogError(error, "Tenant {Tenant} was not queued", tenant.Slug);
            }
        }

        return queued;
    }

    /// <summary>A look through all pending work, in the clock's timestamps.</summary>
    /// <param name="Began">Before the work was read: what came due since may not have been seen.</param>
    /// <param name="Ended">When all of it was queued.</param>
    private sealed record Look(long Began, long Ended);
}
