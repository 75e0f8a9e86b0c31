using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>Renders components into Hangfire's own layout, and alone as fragments.</summary>
internal static class PageRenderer
{
    // Hangfire's pages are rendered through its own route type, because only it may hand a page its context.
    private static readonly IDashboardDispatcher Layout = LayoutRoute();

    /// <summary>Answers with a whole page.</summary>
    public static async Task WritePageAsync(DashboardContext context, PageRequest request, PageContent content)
    {
        var html = await RenderAsync<PageFrame>(request, new(StringComparer.Ordinal)
        {
            [nameof(PageFrame.Request)] = request,
            [nameof(PageFrame.Content)] = content,
            [nameof(PageFrame.Message)] = FlashMessage.Take(request.Http),
        });
        request.Http.Response.StatusCode = content.Status;
        request.Http.Response.Headers.CacheControl = "no-store";
        request.Http.Items[typeof(FramedPage)] = (content.Title, html);
        await Layout.Dispatch(context);
    }

    /// <summary>Answers with the content alone, for a page that refreshes a part of itself.</summary>
    public static async Task WriteFragmentAsync(PageRequest request, PageContent content)
    {
        var html = await RenderAsync<FragmentFrame>(request, new(StringComparer.Ordinal)
        {
            [nameof(FragmentFrame.Request)] = request,
            [nameof(FragmentFrame.Content)] = content,
        });
        request.Http.Response.StatusCode = content.Status;
        request.Http.Response.Headers.CacheControl = "no-store";
        request.Http.Response.ContentType = "text/html; charset=utf-8";
        await request.Http.Response.WriteAsync(html, request.Aborted);
    }

    private static async Task<string> RenderAsync<TFrame>(PageRequest request, Dictionary<string, object?> parameters) where TFrame : IComponent
    {
        var services = request.Http.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TFrame>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }

    private static IDashboardDispatcher LayoutRoute()
    {
        var routes = new Hangfire.Dashboard.RouteCollection();
        routes.AddRazorPage("/", _ => new FramedPage());
        return routes.FindDispatcher("/").Item1;
    }

    /// <summary>A Hangfire page whose body has been rendered already.</summary>
    private sealed class FramedPage : RazorPage
    {
        public override void Execute()
        {
            var (title, html) = ((string, string))Context.GetHttpContext().Items[typeof(FramedPage)]!;
            Layout = new LayoutPage(title);
            WriteLiteral(html);
        }
    }
}
