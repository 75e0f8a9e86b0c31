using System.Text;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>Hangfire's pages have one address of the icon for all requests. If a proxy sends a prefix, each request needs its own address.</summary>
internal sealed class HangfireIcon(RequestDelegate next)
{
    private static readonly string Address = DashboardPaths.Root + DashboardAssets.Icon.Path;

    public async Task InvokeAsync(HttpContext http)
    {
        if (!SitePath.IsForwarded(http) || !http.Request.Path.StartsWithSegments(DashboardPaths.Root, StringComparison.OrdinalIgnoreCase, out var rest)
            || HangfirePages.IsOurs(rest) || HangfirePages.IsAsset(rest) || !HttpMethods.IsGet(http.Request.Method))
        {
            await next(http);
            return;
        }

        var body = http.Response.Body;
        using var page = new MemoryStream();
        http.Response.Body = page;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = body;
        }

        // An answer without a body, such as a redirect, must not get one.
        if (page.Length == 0)
            return;
        var html = Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length);
        http.Response.ContentLength = null;
        await http.Response.WriteAsync(html.Replace($"href=\"{Address}", $"href=\"{SitePath.Of(http)}{Address}", StringComparison.Ordinal), http.RequestAborted);
    }
}
