using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>Creates runs: new ones, and repetitions of those that failed.</summary>
internal sealed class RunCreationActions(
    PageRequest request, EvaluationRunRepository runs, AgentVersionRepository versions, TenantRepository tenants, RequestRun requestRun, RetryRun retryRun, OverviewCache overview)
{
    public async Task<IResult> CreateAsync(long? versionId, long? suiteId, RunInput input)
    {
        var version = await versions.GetAsync(versionId ?? throw new InvalidInputException("Choose a version."), request.Aborted);
        request.EnsureSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        return Created(
            await requestRun.ExecuteAsync(version.Id, suiteId ?? throw new InvalidInputException("Choose a suite."), FormNumber.ParsePriority(input.Priority), request.Viewer.Actor, request.Aborted),
            $"{version.AgentName} {version.VersionLabel} will be evaluated");
    }

    public async Task<IResult> RetryAsync(long id)
    {
        var ended = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(ended.TenantId, request.Aborted));
        return Created(await retryRun.ExecuteAsync(ended.Id, request.Viewer.Actor, request.Aborted), $"It repeats run {ended.Id}");
    }

    public async Task<IResult> AskAgainAsync(long id)
    {
        var completed = await runs.GetAsync(id, request.Aborted);
        request.EnsureSees(await tenants.GetAsync(completed.TenantId, request.Aborted));
        return Created(
            await retryRun.AskAgainAsync(completed.Id, request.Viewer.Actor, request.Aborted),
            $"It keeps the verdicts of run {completed.Id} and asks again only the cases without one");
    }

    private IResult Created(EvaluationRun run, string what)
    {
        overview.Invalidate();
        return request.Done($"/evaluations/runs/{run.Id}", $"Run {run.Id} is created. {what}.");
    }
}
