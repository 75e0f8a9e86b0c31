using EvalJobs.Data;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>Records in the audit trail which buttons of Hangfire's own pages users press, because Hangfire does not record the user.</summary>
/// <remarks>It runs after <see cref="AccessGate"/>, so the user is known. The EvalJobs pages record their changes themselves.</remarks>
internal sealed class HangfireCommandTrail(RequestDelegate next, ChangeRecordRepository changes, ILogger<HangfireCommandTrail> logger)
{
    /// <summary>Hangfire accepts any text as the id of a job.</summary>
    private const int LongestJobId = 100;

    /// <summary>Records the command after it was executed. A command that Hangfire rejected is not recorded.</summary>
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
            // The command was executed and cannot be undone, so it is at least logged.
            logger.CommandNotRecorded(error, actor, command.Value);
        }
    }

    private static string Shortened(string jobId) => jobId.Length <= LongestJobId ? jobId : jobId[..LongestJobId];
}
