using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The actions on one tenant.</summary>
internal sealed class TenantActions(
    PageRequest request, TenantRepository tenants, ProcessTenant processTenant, PauseTenant pauseTenant, JobPauses pauses, OverviewCache overview)
{
    public async Task<IResult> ProcessAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        var next = await pauses.IsTickPausedAsync(request.Aborted) ? " Ticks are paused, so no further batch follows automatically." : "";
        await processTenant.ExecuteAsync(tenant.Id, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done($"/evaluations/tenants/{tenant.Slug}", $"A batch for {tenant.Name} has been queued.{next}");
    }

    public async Task<IResult> ConfirmPauseAsync(string slug)
    {
        var tenant = await FindAsync(slug);
        return Page.Confirm(new Confirmation(
            $"Pause {tenant.Name}?",
            "Its pending runs wait until the tenant is resumed. A run in progress is finished; then its batch stops.",
            "Pause tenant",
            $"/evaluations/tenants/{tenant.Slug}"));
    }

    public async Task<IResult> SetPausedAsync(string slug, bool isPaused)
    {
        var tenant = await FindAsync(slug);
        var isChanged = await pauseTenant.ExecuteAsync(tenant.Id, isPaused, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done($"/evaluations/tenants/{tenant.Slug}", (isChanged, isPaused) switch
        {
            (true, true) => $"{tenant.Name} is paused.",
            (true, false) => $"{tenant.Name} is resumed. The next tick queues a batch for its due runs.",
            (false, true) => $"{tenant.Name} was paused already.",
            (false, false) => $"{tenant.Name} was not paused.",
        });
    }

    private async Task<Tenant> FindAsync(string slug) => request.EnsureSees(await tenants.FindAsync(slug, request.Aborted));
}
