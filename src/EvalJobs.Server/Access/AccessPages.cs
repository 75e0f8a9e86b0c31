using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace EvalJobs.Server.Access;

/// <summary>Writes the pages of the sign-in, which do not have Hangfire's layout.</summary>
internal static class AccessPages
{
    /// <summary>Writes a page with one message.</summary>
    public static Task NoticeAsync(HttpContext http, int status, string title, string message) => WriteAsync<NoticePage>(
        http, status, new(StringComparer.Ordinal) { [nameof(NoticePage.Title)] = title, [nameof(NoticePage.Message)] = message });

    /// <summary>Renders a component as the whole page.</summary>
    public static async Task WriteAsync<TPage>(HttpContext http, int status, Dictionary<string, object?> parameters) where TPage : IComponent
    {
        await using var renderer = new HtmlRenderer(http.RequestServices, http.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());

        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html, http.RequestAborted);
    }
}
