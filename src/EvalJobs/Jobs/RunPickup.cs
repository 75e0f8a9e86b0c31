using EvalJobs.Data;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Queues a batch for a tenant with a new run, without waiting for the tick.</summary>
internal sealed partial class RunPickup(
    TenantRepository tenants, TenantBatchScheduler scheduler, BacklogScanner backlog, JobPauses pauses, DispatchOptions options, ILogger<RunPickup> logger)
{
    /// <summary>Queues a batch for the tenant, if <see cref="DispatchOptions.PickUpOnCreate"/> is on.</summary>
    /// <remarks>Never fails its caller: the run is stored, and the next tick finds it in any case.</remarks>
    public async Task PickUpAsync(long tenantId, CancellationToken cancellationToken)
    {
        if (!options.PickUpOnCreate)
            return;

        try
        {
            var tenant = await tenants.GetAsync(tenantId, cancellationToken);
            if (tenant.IsPaused || await pauses.IsTickPausedAsync(cancellationToken) || !await scheduler.ScheduleAsync(tenant, null, cancellationToken))
                return;

            // A tenant with many new runs must not be served repeatedly while others, whose work has come due, wait for the tick.
            // A running scan queues them: a user may be waiting for the dashboard's answer.
            await backlog.ScheduleOthersAsync(null, TimeSpan.Zero, cancellationToken);
        }
        catch (Exception error)
        {
            LogNotPickedUp(error, tenantId);
        }
    }

    [LoggerMessage(1113, LogLevel.Warning, "The new run of tenant {TenantId} could not be picked up at once; it waits for the tick")]
    private partial void LogNotPickedUp(Exception error, long tenantId);
}
