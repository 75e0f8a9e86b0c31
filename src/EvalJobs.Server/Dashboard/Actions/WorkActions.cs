using EvalJobs.Application;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>Starts recurring jobs now.</summary>
internal sealed class WorkActions(PageRequest request, RequestJob jobs, JobPauses pauses, OverviewCache overview)
{
    public async Task<IResult> ProcessAllAsync()
    {
        var next = await pauses.IsTickPausedAsync(request.Aborted) ? " Ticks are paused. All other runs wait until you resume ticks or request processing again." : "";
        return Started(await jobs.ProcessAllAsync(request.Viewer.Actor), $"A tick has been requested: every tenant with due work gets a batch.{next}");
    }

    public async Task<IResult> CleanUpAsync() =>
        Started(await jobs.CleanUpAsync(request.Viewer.Actor), "The cleanup has been requested: ended runs past retention move to the archive.");

    public async Task<IResult> CheckHealthAsync() =>
        Started(await jobs.CheckHealthAsync(request.Viewer.Actor), "A health check has been requested.");

    private IResult Started(string jobId, string message)
    {
        overview.Invalidate();
        return request.Done("/evaluations", new StatusMessage(message, LinkPath: $"/jobs/details/{jobId}", LinkText: "See the job"));
    }
}
