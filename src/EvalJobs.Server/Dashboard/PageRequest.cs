using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Antiforgery;

namespace EvalJobs.Server.Dashboard;

/// <summary>One request for one of our dashboard pages: who asks, what for, and how links are made.</summary>
public sealed class PageRequest(DashboardContext context)
{
    private readonly UrlHelper _urls = new(context);

    /// <summary>The HTTP request itself.</summary>
    public HttpContext Http { get; } = context.GetHttpContext();

    /// <summary>Who is looking.</summary>
    public Viewer Viewer { get; } = Viewer.Of(context.GetHttpContext());

    /// <summary>Whether buttons are shown and obeyed: an operator on a dashboard that is not read-only.</summary>
    public bool CanAct => Viewer.CanOperate && !context.IsReadOnly;

    /// <summary>What was posted; empty for a GET.</summary>
    public IFormCollection Form { get; internal set; } = FormCollection.Empty;

    /// <summary>Whether the sender has said yes on the confirmation page.</summary>
    public bool IsConfirmed => Form.ContainsKey(FormField.Confirmed);

    /// <summary>The request was given up by the browser, or the server stops.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Name and value of the hidden field that proves a form is ours.</summary>
    public AntiforgeryTokenSet Antiforgery => Http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(Http);

    /// <summary>The page's own path and query within the dashboard, to come back to after an action.</summary>
    public string Here => Http.Request.Path + Http.Request.QueryString;

    /// <returns>The link to a path within the dashboard, such as <c>/evaluations/runs/5</c>.</returns>
    public string Url(string path) => _urls.To(path);

    /// <returns>The link to this page with some query values changed; a null or empty one is left out.</returns>
    public string UrlWith(params (string Name, string? Value)[] changes)
    {
        var kept = Http.Request.Query
            .Where(pair => !changes.Any(change => change.Name == pair.Key))
            .Select(pair => (Name: pair.Key, Value: (string?)pair.Value.ToString()));
        var query = kept.Concat(changes).Where(pair => !string.IsNullOrEmpty(pair.Value));
        return Url(Http.Request.Path) + QueryString.Create(query.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
    }

    /// <returns>A named part of the path; empty when the route has none.</returns>
    public string Route(string name) => context.UriMatch.Groups[name].Value;

    /// <returns>A number in the path.</returns>
    /// <exception cref="NotFoundException">It is no number we could have given out.</exception>
    public long RouteId(string name) =>
        long.TryParse(Route(name), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new NotFoundException($"There is no {name} '{Route(name)}'.");

    /// <returns>A query value, trimmed; null when absent or blank.</returns>
    public string? Query(string name) =>
        Http.Request.Query[name].ToString().Trim() is { Length: > 0 } value ? value : null;

    /// <returns>A query value that is a whole number of 0 or more; null when absent or anything else.</returns>
    public long? QueryNumber(string name) =>
        long.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <returns>A query value that is one of an enum's stored words, in any case; null when absent or anything else.</returns>
    public TEnum? QueryWord<TEnum>(string name) where TEnum : struct, Enum =>
        Query(name) is { } word
            ? Enum.GetValues<TEnum>().Cast<TEnum?>()
                .FirstOrDefault(value => string.Equals(StoredWord.Of(value!.Value), word, StringComparison.OrdinalIgnoreCase))
            : null;

    /// <summary>Refuses a form to someone who could not post it.</summary>
    /// <exception cref="ConflictException">They may only look.</exception>
    public void DemandCanAct()
    {
        if (!CanAct)
            throw new ConflictException("You may look at this dashboard, but not change anything.");
    }

    /// <summary>Refuses what lies outside the tenants the viewer is confined to, as if it did not exist.</summary>
    /// <exception cref="NotFoundException">They may not see the tenant.</exception>
    public void DemandSees(Tenant tenant)
    {
        if (!Viewer.Sees(tenant.Slug))
            throw new NotFoundException("There is no such page.");
    }

    /// <summary>Refuses what concerns the whole server to someone confined to some tenants.</summary>
    /// <exception cref="ConflictException">They are.</exception>
    public void DemandSeesEverything()
    {
        if (!Viewer.SeesEverything)
            throw new ConflictException("This concerns every tenant; your sign-in is confined to some.");
    }
}

/// <summary>Names of the hidden fields that the action mechanism itself reads.</summary>
public static class FormField
{
    /// <summary>Present once the sender has said yes on the confirmation page.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The dashboard path to return to.</summary>
    public const string ReturnTo = "returnTo";
}
