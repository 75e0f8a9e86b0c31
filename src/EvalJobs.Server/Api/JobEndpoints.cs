using EvalJobs.Application;

namespace EvalJobs.Server.Api;

/// <summary><c>/jobs</c>: the server's recurring jobs, for callers who may see every tenant.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/jobs", ListAsync).Reads<IReadOnlyList<JobStatus>>("listJobs", "List the server's recurring jobs").OfEveryTenant();
        api.MapPost("/jobs/{job}/pause", PauseAsync).Writes("pauseJob", "Pause a recurring job on every server").OfEveryTenant().TakesBody();
        api.MapPost("/jobs/{job}/resume", ResumeAsync).Writes("resumeJob", "Resume a recurring job").OfEveryTenant();
    }

    private static Task<IReadOnlyList<JobStatus>> ListAsync(ApiCall call, ListJobs jobs) => jobs.ExecuteAsync(call.Aborted);

    private static Task<IResult> PauseAsync(ApiCall call, string job, ApiBody<PauseReason> body, PauseJob pause) => call.ExecuteAsync<bool>(
        body.Hash, null, () => pause.ExecuteAsync(job, body.Value.Reason, call.Actor, call.Aborted), _ => new OperationAnswer(StatusCodes.Status204NoContent, null));

    private static Task<IResult> ResumeAsync(ApiCall call, string job, PauseJob pause) => call.ExecuteAsync<bool>(
        NoBody.Hash, null, () => pause.ExecuteAsync(job, null, call.Actor, call.Aborted), _ => new OperationAnswer(StatusCodes.Status204NoContent, null));
}

/// <summary>Why a recurring job is paused.</summary>
internal sealed record PauseReason
{
    /// <summary>1 to 1000 characters, shown to other users and stored in the audit trail.</summary>
    public required string Reason { get; init; }
}
