using EvalJobs.Application;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The recurring jobs, now.</summary>
internal sealed class WorkActions(PageRequest request, RequestJob jobs, OverviewCache overview)
{
    public async Task<IResult> ProcessAllAsync() =>
        Started(await jobs.ProcessAllAsync(request.Viewer.Actor), "A tick has been requested: every tenant with due work gets a batch.");

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
