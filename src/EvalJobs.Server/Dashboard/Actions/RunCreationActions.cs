using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>Creates runs: new ones, and repetitions of those that failed.</summary>
internal sealed class RunCreationActions(
    EvaluationRunRepository runs, AgentVersionRepository versions, TenantRepository tenants, RunPickup pickup, OverviewCache overview)
{
    public async Task<ActionOutcome> CreateAsync(PageRequest request)
    {
        var version = await versions.GetAsync(Number(request, "version") ?? throw new InvalidInputException("Choose a version."), request.Aborted);
        request.DemandSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        if (!int.TryParse(request.Form["priority"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
            throw RunPriority.Fault();

        return await CreatedAsync(
            request,
            await runs.CreateAsync(version.Id, Number(request, "suite"), priority, RunTrigger.Manual, request.Viewer.Actor, request.Aborted),
            $"{version.AgentName} {version.VersionLabel} will be evaluated");
    }

    public async Task<ActionOutcome> RetryAsync(PageRequest request)
    {
        var ended = await runs.GetAsync(request.RouteId("RunId"), request.Aborted);
        request.DemandSees(await tenants.GetAsync(ended.TenantId, request.Aborted));
        return await CreatedAsync(request, await runs.RetryAsync(ended.Id, request.Viewer.Actor, request.Aborted), $"It repeats run {ended.Id}");
    }

    /// <returns>A number of 0 or more out of the form; null when it is absent or anything else.</returns>
    public static long? Number(PageRequest request, string field) =>
        long.TryParse(request.Form[field], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task<ActionOutcome> CreatedAsync(PageRequest request, EvaluationRun run, string what)
    {
        await pickup.PickUpAsync(run.TenantId, request.Aborted);
        overview.Invalidate();
        return ActionOutcome.Done($"Run {run.Id} is created. {what}.", $"/evaluations/runs/{run.Id}");
    }
}
