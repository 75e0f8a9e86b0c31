using System.Net;
using EvalJobs.Jobs;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>The link from Hangfire's page of a job to its runs.</summary>
internal static class JobDetails
{
    /// <returns>A link to the runs of the batch the job carries; nothing for other jobs.</returns>
    public static NonEscapedString Render(JobDetailsRendererDto details)
    {
        var job = details.JobDetails.Job;
        if (job?.Type == typeof(TenantBatchJob) && job.Args is [long batchId, ..])
            return Link(details.Page.Url.To($"/evaluations/runs?batch={batchId}"), $"The runs of batch {batchId}");
        return job?.Type.Assembly == typeof(TenantBatchJob).Assembly
            ? Link(details.Page.Url.To("/evaluations"), "To the evaluations")
            : new NonEscapedString("");
    }

    private static NonEscapedString Link(string url, string text) =>
        new($"<p><a class=\"btn btn-default\" href=\"{WebUtility.HtmlEncode(url)}\">{WebUtility.HtmlEncode(text)}</a></p>");
}
