using System.Text;
using EvalJobs.Server.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Caching.Memory;

namespace EvalJobs.Server.Dashboard;

/// <summary>
/// The bodies of pages for the script that refreshes them. A body is rendered at most once in two seconds for all viewers of a page with the same time zone and
/// tenants, so the cost does not grow with the number of browsers.
/// </summary>
/// <remarks>Safe for concurrent use. A body holds no token and no button: <see cref="PageRequest.IsLive"/> leaves them out.</remarks>
internal sealed class LiveFragments(TimeProvider clock) : IDisposable
{
    /// <summary>Pages cached at most. Further pages are not cached.</summary>
    private const int Capacity = 300;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(15);

    private readonly MemoryCache _pages = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <returns>The body, rendered at most two seconds ago.</returns>
    /// <param name="key">Everything it depends on.</param>
    /// <param name="make">Renders it. If it fails, the next waiting request tries again.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<string> GetAsync(string key, Func<Task<string>> make, CancellationToken cancellationToken)
    {
        var page = _pages.GetOrCreate(key, entry =>
        {
            entry.SetSize(1).SetSlidingExpiration(CacheDuration);
            return new CachedBody();
        })!;
        await page.Gate.WaitAsync(cancellationToken);
        try
        {
            if (page.Body is null || clock.GetElapsedTime(page.MadeAt) > MaxAge)
                (page.Body, page.MadeAt) = (await make(), clock.GetTimestamp());
            return page.Body;
        }
        finally
        {
            page.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    private sealed class CachedBody
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public string? Body { get; set; }

        public long MadeAt { get; set; }
    }
}

/// <summary>Answers the script that refreshes a page with the page's body only; other requests with the page.</summary>
internal sealed class LiveFilter(LiveFragments fragments, ILoggerFactory loggers) : IEndpointFilter
{
    // Not part of the key: cookies that a body does not depend on, and those of the times, whose meaning is in the key.
    private static readonly string[] OtherCookies =
        [AccessSetup.SessionCookie, AccessSetup.AntiforgeryCookie, DashboardSetup.MessageCookie, PageTimes.ZoneCookie, PageTimes.StyleCookie];

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.Append("Vary", PageRequest.LiveHeader);
        if (!http.RequestServices.GetRequiredService<PageRequest>().IsLive || http.GetEndpoint()?.Metadata.GetMetadata<PostedForms.Metadata>() is not null)
            return await next(context);

        object? other = null;
        var body = await fragments.GetAsync(
            KeyOf(http),
            async () =>
            {
                var answer = await next(context);
                if (answer is RazorComponentResult { StatusCode: null or StatusCodes.Status200OK } page)
                    return await RenderAsync(http, page);

                // Not a page, or not visible to this viewer: the next request is answered separately.
                other = answer;
                return "";
            },
            http.RequestAborted);
        return other ?? (body.Length == 0 ? await next(context) : Results.Text(body, "text/html", Encoding.UTF8));
    }

    /// <summary>The address, the visible tenants, and the browser's choices: a body is rendered once for each time zone in use.</summary>
    private static string KeyOf(HttpContext http)
    {
        var tenants = Viewer.Of(http).Tenants is { } slugs ? string.Join(',', slugs.Order(StringComparer.Ordinal)) : "*";
        var choices = http.Request.Cookies.Where(cookie => cookie.Key.StartsWith("evaljobs-", StringComparison.Ordinal) && !OtherCookies.Contains(cookie.Key) && cookie.Value.Length <= 100)
            .Select(cookie => $"{cookie.Key}={cookie.Value}").Order(StringComparer.Ordinal);
        var times = http.RequestServices.GetRequiredService<PageRequest>().Times;
        return $"{http.Request.PathBase}{http.Request.Path}{http.Request.QueryString}\n{tenants}\n{times.Name} {times.IsExact}\n{string.Join(';', choices)}";
    }

    private async Task<string> RenderAsync(HttpContext http, RazorComponentResult page)
    {
        await using var renderer = new HtmlRenderer(http.RequestServices, loggers);
        var parameters = ParameterView.FromDictionary(page.Parameters.ToDictionary(StringComparer.Ordinal));
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(page.ComponentType, parameters)).ToHtmlString());
    }
}
