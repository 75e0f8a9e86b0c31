using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>One request for one of our dashboard pages: who asks, what for, and how links are made. One per request.</summary>
internal sealed class PageRequest(IHttpContextAccessor accessor)
{
    /// <summary>The HTTP request itself.</summary>
    public HttpContext Http { get; } = accessor.HttpContext ?? throw new InvalidOperationException("There is no HTTP request.");

    /// <summary>Who makes it.</summary>
    public Viewer Viewer => Viewer.Of(Http);

    /// <summary>Whether buttons are shown: the endpoints behind them decide for themselves.</summary>
    public bool CanAct => Viewer.CanOperate && !IsLive;

    /// <summary>The header by which the page's script asks for the page's body alone.</summary>
    public const string LiveHeader = "X-Live";

    /// <summary>Whether the page's script asks, to refresh the parts that change. Its answer is shared: no button, no token.</summary>
    public bool IsLive => Http.Request.Headers.ContainsKey(LiveHeader) && HttpMethods.IsGet(Http.Request.Method);

    /// <summary>How the browser chose to see times.</summary>
    public PageTimes Times => field ??= PageTimes.Of(Http);

    /// <summary>Whether the headers alone are wanted.</summary>
    public bool IsHead => HeadRequest.Is(Http);

    /// <summary>The browser gave the request up, or the server stops.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Where an action leads and what it says; null until it is done.</summary>
    public (string Path, StatusMessage Message)? Outcome { get; private set; }

    /// <summary>The tenant it concerns, once <see cref="EnsureSees(Tenant)"/> let it pass; null before, and where it concerns several.</summary>
    public long? TenantId { get; private set; }

    /// <summary>The page's path within the dashboard, such as <c>/evaluations/runs/5</c>.</summary>
    public string Path => Http.Request.Path.StartsWithSegments(DashboardPaths.Root, StringComparison.OrdinalIgnoreCase, out var rest) ? rest : "/";

    /// <returns>The link to a path within the dashboard, such as <c>/evaluations/runs/5</c>.</returns>
    public string Url(string path) => Http.Request.PathBase + DashboardPaths.Root + path;

    /// <returns>The link to this page with some query values changed; a null or empty one is left out.</returns>
    public string UrlWith(params (string Name, string? Value)[] changes)
    {
        var kept = Http.Request.Query
            .Where(pair => !changes.Any(change => change.Name == pair.Key))
            .Select(pair => (Name: pair.Key, Value: (string?)pair.Value.ToString()));
        var query = kept.Concat(changes).Where(pair => !string.IsNullOrEmpty(pair.Value));
        return Url(Path) + QueryString.Create(query.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
    }

    /// <summary>Sends the browser to a page after an action, which says there what was done.</summary>
    public IResult Done(string path, StatusMessage message)
    {
        message.Store(Http);
        Outcome = (path, message);
        return Results.Redirect(Url(path));
    }

    /// <inheritdoc cref="Done(string, StatusMessage)"/>
    public IResult Done(string path, string message) => Done(path, new StatusMessage(message));

    /// <returns>A query value, trimmed; null when absent or blank.</returns>
    public string? Query(string name) =>
        Http.Request.Query[name].ToString().Trim() is { Length: > 0 } value ? value : null;

    /// <returns>A query value that is a whole number of 0 or more; null when absent or anything else.</returns>
    public long? QueryNumber(string name) =>
        long.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <returns>A query value that is one of an enum's stored words, in any case; null when absent or anything else.</returns>
    public TEnum? QueryWord<TEnum>(string name) where TEnum : struct, Enum =>
        Query(name) is { } word ? StoredWord.Find<TEnum>(word) : null;

    /// <summary>Treats a tenant the viewer may not see as if it did not exist.</summary>
    /// <exception cref="NotFoundException">They may not see it.</exception>
    public Tenant EnsureSees(Tenant tenant)
    {
        EnsureSees(tenant.Id, tenant.Slug);
        return tenant;
    }

    /// <inheritdoc cref="EnsureSees(Tenant)"/>
    public void EnsureSees(long tenantId, string slug)
    {
        if (!Viewer.Sees(slug))
            throw new NotFoundException("Not found.");
        TenantId = tenantId;
    }
}
