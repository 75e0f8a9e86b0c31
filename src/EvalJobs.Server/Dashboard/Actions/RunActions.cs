using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The actions on one run.</summary>
internal sealed class RunActions(
    PageRequest request, EvaluationRunRepository runs, TenantRepository tenants, CancelRun cancelRun, SetRunPriority setPriority, AcknowledgeRun acknowledgeRun,
    RestoreRun restoreRun, OverviewCache overview)
{
    public async Task<IResult> ConfirmCancelAsync(long id)
    {
        var run = await FindAsync(id);
        RunLifecycle.EnsureLive(run);
        return Page.Confirm(new Confirmation(
            $"Cancel run {run.Id}?",
            run.Status == RunStatus.Running
                ? "Its worker stops asking within seconds. Answers stored so far stay; the version's evaluation status becomes what it was before."
                : "It will not be started. The version's evaluation status becomes what it was before.",
            "Cancel run",
            $"/evaluations/runs/{run.Id}"));
    }

    public async Task<IResult> CancelAsync(long id)
    {
        var run = await FindAsync(id);
        await cancelRun.ExecuteAsync(run.Id, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} is cancelled.");
    }

    public async Task<IResult> SetPriorityAsync(long id, string? typed)
    {
        var run = await FindAsync(id);
        var priority = FormNumber.ParsePriority(typed);
        await setPriority.ExecuteAsync(run.Id, priority, request.Viewer.Actor, request.Aborted);
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} now has priority {priority}. Runs of its tenant with a lower priority start after it.");
    }

    public async Task<IResult> AcknowledgeAsync(long id, string? note)
    {
        var run = await FindAsync(id);
        await acknowledgeRun.ExecuteAsync(run.Id, note, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} is acknowledged and needs no more action.");
    }

    public async Task<IResult> RestoreAsync(long id)
    {
        var run = await FindAsync(id);
        var moved = await restoreRun.ExecuteAsync(run.Id, request.Viewer.Actor, request.Aborted);
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} is restored from the archive with {DisplayText.Many(moved.Results, "result")}. It stays for another retention period.");
    }

    private async Task<EvaluationRun> FindAsync(long id)
    {
        var run = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(run.TenantId, request.Aborted));
        return run;
    }
}
