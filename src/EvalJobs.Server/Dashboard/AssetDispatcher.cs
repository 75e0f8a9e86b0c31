using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers with a file built into this assembly.</summary>
internal sealed class AssetDispatcher(string contentType, string resource) : IDashboardDispatcher
{
    public async Task Dispatch(DashboardContext context)
    {
        context.Response.ContentType = contentType;
        context.GetHttpContext().Response.Headers.CacheControl = "public, max-age=86400";
        await using var file = typeof(AssetDispatcher).Assembly.GetManifestResourceStream(resource)!;
        await file.CopyToAsync(context.Response.Body, context.GetHttpContext().RequestAborted);
    }
}
