using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>Queues the next batch of a tenant that has just had one, behind every other tenant with due work.</summary>
internal sealed class TenantBatchContinuation(
    DispatchRepository dispatches, TenantRepository tenants, BacklogScanner backlog, TenantBatchScheduler scheduler, JobPauses pauses, DispatchOptions options)
{
    /// <summary>Queues the tenant's next batch if due work remains and <see cref="DispatchOptions.ContinueWhileBacklog"/> allows it.</summary>
    /// <remarks>A failure to queue it is logged, and the next tick tries again; the ended batch does not count as failed.</remarks>
    /// <exception cref="Exception">The tenants could not be read.</exception>
    public async Task ContinueAsync(long tenantId, long? dispatchId, CancellationToken cancellationToken)
    {
        if (!options.ContinueWhileBacklog || await pauses.IsTickPausedAsync(cancellationToken) || !await dispatches.HasDueRunsAsync(tenantId, cancellationToken))
            return;

        await backlog.ScheduleOthersAsync(dispatchId, Timeout.InfiniteTimeSpan, cancellationToken);
        try
        {
            await scheduler.ScheduleAllAsync([await tenants.GetAsync(tenantId, cancellationToken)], dispatchId, cancellationToken);
        }
        catch (NotFoundException)
        {
            // The tenant was deleted in between.
        }
    }
}
