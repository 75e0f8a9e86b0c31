using EvalJobs.Application;
using EvalJobs.Data;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Which recurring jobs has the server, and does each of them run? For those who see every tenant.</summary>
internal sealed class JobsPage(PageRequest request, ListJobs jobs, PauseJob pauseJob, TenantHealthRepository health, OverviewCache overview)
{
    /// <summary>The page's dashboard path.</summary>
    public const string Path = "/evaluations/jobs";

    public async Task<IResult> ShowAsync() => Page.Of<JobsView, JobsModel>(new JobsModel(await jobs.ExecuteAsync(request.Aborted), await health.ReadClockAsync(request.Aborted)));

    public async Task<IResult> PauseAsync(string? named, string? reason)
    {
        var job = named ?? "";
        var isChanged = await pauseJob.ExecuteAsync(job, reason ?? "", request.Viewer.Actor, request.Aborted);
        return Done(job, isChanged ? "is paused on every server" : "was paused already");
    }

    public async Task<IResult> ResumeAsync(string? named)
    {
        var job = named ?? "";
        var isChanged = await pauseJob.ExecuteAsync(job, null, request.Viewer.Actor, request.Aborted);
        return Done(job, isChanged ? "is resumed" : "was not paused");
    }

    private IResult Done(string job, string what)
    {
        overview.Invalidate();
        return request.Done(Path, $"{EvalJobs.Jobs.RecurringJobs.Get(job).Name} {what}.");
    }
}

/// <summary>What the page of the server's jobs shows.</summary>
/// <param name="Jobs">All of them.</param>
/// <param name="Now">The database's clock.</param>
internal sealed record JobsModel(IReadOnlyList<JobStatus> Jobs, DateTimeOffset Now);
