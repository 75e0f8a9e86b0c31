using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>What can be done to one tenant.</summary>
internal sealed class TenantActions(
    TenantRepository tenants, DispatchRepository dispatches, TenantBatchScheduler scheduler, ChangeRecordRepository changes, OverviewCache overview)
{
    public async Task<ActionOutcome> ProcessAsync(PageRequest request)
    {
        var tenant = await FindAsync(request);
        if (tenant.IsPaused)
            throw new ConflictException($"{tenant.Name} is paused: resume it first.");
        if (!await dispatches.HasDueRunsAsync(tenant.Id, request.Aborted))
            throw new ConflictException($"{tenant.Name} has no run that is due.");

        if (!await scheduler.ScheduleAsync(tenant, null, request.Aborted))
            throw new ConflictException($"{tenant.Name} is being served already, or its worker pool is out of this server's reach: nothing was queued.");

        // It is queued by now, whether or not the browser still waits.
        await changes.RecordRequestAsync(tenant, ChangeType.ProcessingRequested, request.Viewer.Actor, CancellationToken.None);
        overview.Invalidate();
        return ActionOutcome.Done($"A batch for {tenant.Name} has been queued.");
    }

    public async Task<ActionOutcome> PauseAsync(PageRequest request)
    {
        var tenant = await FindAsync(request);
        if (!request.IsConfirmed)
        {
            return ActionOutcome.Confirm(
                $"Pause {tenant.Name}?",
                "Its pending runs wait until someone resumes it. A run that is going on is finished; its batch then stops.",
                "Pause the tenant");
        }

        return await SetPausedAsync(request, tenant, true);
    }

    public async Task<ActionOutcome> ResumeAsync(PageRequest request) => await SetPausedAsync(request, await FindAsync(request), false);

    private async Task<ActionOutcome> SetPausedAsync(PageRequest request, Tenant tenant, bool isPaused)
    {
        var isChanged = await tenants.SetPausedAsync(tenant.Id, isPaused, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return ActionOutcome.Done((isChanged, isPaused) switch
        {
            (true, true) => $"{tenant.Name} is paused.",
            (true, false) => $"{tenant.Name} goes on: the next tick serves it.",
            (false, true) => $"{tenant.Name} was paused already.",
            (false, false) => $"{tenant.Name} was not paused.",
        });
    }

    private async Task<Tenant> FindAsync(PageRequest request)
    {
        var tenant = await tenants.FindAsync(request.Route("Slug"), request.Aborted);
        request.DemandSees(tenant);
        return tenant;
    }
}
