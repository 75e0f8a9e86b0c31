using EvalJobs.Data;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>Writes into the audit trail which buttons of Hangfire's own pages people press: Hangfire itself does not say who did.</summary>
/// <remarks>Behind <see cref="AccessGate"/>, so it is known who asks. Our own pages record what they change themselves.</remarks>
internal sealed class HangfireCommandTrail(RequestDelegate next, ChangeRecordRepository changes, ILogger<HangfireCommandTrail> logger)
{
    /// <summary>Hangfire takes any text for the id of a job.</summary>
    private const int LongestJobId = 100;

    /// <summary>Records the command after it was carried out; one that Hangfire rejected is none.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var isCommand = HttpMethods.IsPost(http.Request.Method)
            & http.Request.Path.StartsWithSegments(DashboardPaths.Root, StringComparison.OrdinalIgnoreCase, out var command)
            && !HangfirePages.IsOurs(command);
        await next(http);
        if (!isCommand || http.Response.StatusCode != StatusCodes.Status204NoContent)
            return;

        var actor = Viewer.Of(http).Actor;
        try
        {
            var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(CancellationToken.None) : FormCollection.Empty;
            await changes.RecordHangfireCommandAsync(command.Value ?? "", [.. form["jobs[]"].OfType<string>().Select(Shortened)], actor, CancellationToken.None);
        }
        catch (Exception error)
        {
            // It is done and cannot be undone; the log is the trail that is left.
            logger.CommandNotRecorded(error, actor, command.Value);
        }
    }

    private static string Shortened(string jobId) => jobId.Length <= LongestJobId ? jobId : jobId[..LongestJobId];
}
