using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>What can be done to one run.</summary>
internal sealed class RunActions(EvaluationRunRepository runs, TenantRepository tenants, OverviewCache overview)
{
    public async Task<ActionOutcome> CancelAsync(PageRequest request)
    {
        var run = await FindAsync(request);
        if (!request.IsConfirmed)
        {
            RunLifecycle.Demand(run.Status, RunStatus.Cancelled);
            return ActionOutcome.Confirm(
                $"Cancel run {run.Id}?",
                run.Status == RunStatus.Running
                    ? "Its worker stops asking within seconds. Answers stored so far stay; the version's evaluation status becomes what it was before."
                    : "It will not be started. The version's evaluation status becomes what it was before.",
                "Cancel the run");
        }

        await runs.CancelAsync(run.Id, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return ActionOutcome.Done($"Run {run.Id} is cancelled.");
    }

    public async Task<ActionOutcome> PrioritizeAsync(PageRequest request)
    {
        var run = await FindAsync(request);
        if (!int.TryParse(request.Form["priority"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
            throw RunPriority.Fault();

        await runs.SetPriorityAsync(run.Id, priority, request.Viewer.Actor, request.Aborted);
        return ActionOutcome.Done($"Run {run.Id} now has priority {priority}: its tenant's runs with less go after it.");
    }

    private async Task<EvaluationRun> FindAsync(PageRequest request)
    {
        var run = await runs.GetAsync(request.RouteId("RunId"), request.Aborted);
        request.DemandSees(await tenants.GetAsync(run.TenantId, request.Aborted));
        return run;
    }
}
