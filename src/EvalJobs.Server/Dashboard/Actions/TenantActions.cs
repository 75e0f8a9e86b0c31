using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>What can be done to one tenant.</summary>
internal sealed class TenantActions(
    PageRequest request, TenantRepository tenants, DispatchRepository dispatches, TenantBatchScheduler scheduler, ChangeRecordRepository changes, OverviewCache overview)
{
    public async Task<IResult> ProcessAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        if (tenant.IsPaused)
            throw new ConflictException($"{tenant.Name} is paused: resume it first.");
        if (!await dispatches.HasDueRunsAsync(tenant.Id, request.Aborted))
            throw new ConflictException($"{tenant.Name} has no run that is due.");

        if (!await scheduler.ScheduleAsync(tenant, null, request.Aborted))
            throw new ConflictException($"{tenant.Name} is being served already, or its worker pool is out of this server's reach: nothing was queued.");

        // It is queued by now, whether or not the browser still waits.
        await changes.RecordRequestAsync(tenant, ChangeType.ProcessingRequested, request.Viewer.Actor, CancellationToken.None);
        overview.Invalidate();
        return request.Done($"/evaluations/tenants/{tenant.Slug}", $"A batch for {tenant.Name} has been queued.");
    }

    public async Task<IResult> ConfirmPauseAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        return Page.Confirm(new Confirmation(
            $"Pause {tenant.Name}?",
            "Its pending runs wait until someone resumes it. A running run is finished; its batch then stops.",
            "Pause the tenant",
            $"/evaluations/tenants/{tenant.Slug}"));
    }

    public async Task<IResult> SetPausedAsync(string slug, bool isPaused)
    {
        var tenant = await FindAsync(slug);
        var isChanged = await tenants.SetPausedAsync(tenant.Id, isPaused, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done($"/evaluations/tenants/{tenant.Slug}", (isChanged, isPaused) switch
        {
            (true, true) => $"{tenant.Name} is paused.",
            (true, false) => $"{tenant.Name} is resumed: the next tick serves it.",
            (false, true) => $"{tenant.Name} was paused already.",
            (false, false) => $"{tenant.Name} was not paused.",
        });
    }

    private async Task<Tenant> FindAsync(string slug) => request.EnsureSees(await tenants.FindAsync(slug, request.Aborted));
}
