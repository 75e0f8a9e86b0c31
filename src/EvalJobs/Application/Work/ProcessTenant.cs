using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Queues a batch for one tenant now, instead of at the next tick.</summary>
internal sealed class ProcessTenant(
    TenantRepository tenants, DispatchRepository dispatches, TenantBatchScheduler scheduler, ChangeRecordRepository changes)
{
    /// <param name="tenantId">The tenant.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Queues nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    /// <exception cref="ConflictException">The tenant is paused, has no due run, has a live batch, or no server works its pool.</exception>
    public async Task ExecuteAsync(long tenantId, string actor, CancellationToken cancellationToken)
    {
        var tenant = await tenants.GetAsync(tenantId, cancellationToken);
        if (tenant.IsPaused)
            throw new ConflictException($"{tenant.Name} is paused: resume it first.");
        if (!await dispatches.HasDueRunsAsync(tenant.Id, cancellationToken))
            throw new ConflictException($"{tenant.Name} has no run that is due.");
        if (!await scheduler.ScheduleAsync(tenant, null, cancellationToken))
            throw new ConflictException($"{tenant.Name} is being served already, or its worker pool is out of this server's reach: nothing was queued.");

        // The batch is queued by now, even if the caller no longer waits.
        await changes.RecordRequestAsync(tenant, ChangeType.ProcessingRequested, actor, CancellationToken.None);
    }
}
