using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The actions on evidence: declaring a run void, and storing requirements again.</summary>
internal sealed class PromotionActions(
    PageRequest request, VoidRun voidRun, RequireVersion requireVersion, EvaluationRunRepository runs, AgentVersionRepository versions, TenantRepository tenants, OverviewCache overview)
{
    public async Task<IResult> ConfirmVoidAsync(long id)
    {
        var run = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(run.TenantId, request.Aborted));
        return Page.Confirm(new Confirmation(
            $"Declare run {run.Id} void?",
            "A void run is not evidence. The evaluation status of its version is calculated again without it, and averages and trends of its suite exclude it. "
            + "Use this for a run that says nothing about its version, such as one with a wrong key or an agent that was down. The run stays readable, marked VOID, with the reason. This cannot be undone.",
            "Declare void",
            $"/evaluations/runs/{run.Id}")
        {
            MaxReasonLength = PromotionRepository.MaxReasonLength,
        });
    }

    public async Task<IResult> VoidAsync(long id, string? reason)
    {
        var run = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(run.TenantId, request.Aborted));
        var standing = await voidRun.ExecuteAsync(run.Id, reason ?? "", request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        var evalStatus = standing is null ? "" : $" Its version has evalStatus {StoredWord.Of(standing.EvalStatus)} now.";
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} is void. It no longer counts.{evalStatus}");
    }

    public async Task<IResult> RequireAsync(long id)
    {
        var version = await versions.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        var (standing, created) = await requireVersion.ExecuteAsync(version.Id, request.Viewer.Actor, request.Aborted);
        overview.Invalidate();
        return request.Done(
            $"/evaluations/versions/{version.Id}",
            $"Round {standing.Gate.Round} of the requirements is stored; {(created.Count == 0 ? "no run was missing" : $"created: {string.Join(", ", created.Select(run => $"run {run.Id}"))}")}.");
    }
}
