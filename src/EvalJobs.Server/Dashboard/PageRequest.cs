using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard.Forms;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>One request for one of our dashboard pages: its viewer, its query, and its links. One per request.</summary>
internal sealed class PageRequest(IHttpContextAccessor accessor)
{
    private readonly List<string> _queryErrors = [];

    /// <summary>The HTTP request itself.</summary>
    public HttpContext Http { get; } = accessor.HttpContext ?? throw new InvalidOperationException("There is no HTTP request.");

    /// <summary>Who makes it.</summary>
    public Viewer Viewer => Viewer.Of(Http);

    /// <summary>Whether buttons are shown. The endpoints check the permission again.</summary>
    public bool CanAct => Viewer.CanOperate && !IsLive;

    /// <summary>The header by which the page's script asks for the page's body alone.</summary>
    public const string LiveHeader = "X-Live";

    /// <summary>Whether the page's script requests the parts that change. The answer is shared, so it has no button and no token.</summary>
    public bool IsLive => Http.Request.Headers.ContainsKey(LiveHeader) && HttpMethods.IsGet(Http.Request.Method);

    /// <summary>How the browser chose to see times.</summary>
    public PageTimes Times => field ??= PageTimes.Of(Http);

    /// <summary>Whether it is an error page, such as for an unknown tenant. Known once the page is being written.</summary>
    public bool IsErrorPage => QueryErrors.Count > 0 || Http.Response.StatusCode >= StatusCodes.Status400BadRequest;

    /// <summary>Whether the headers alone are wanted.</summary>
    public bool IsHead => HeadRequest.Is(Http);

    /// <summary>The browser aborted the request, or the server stops.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The page that follows an action, and its message; null until the action is done.</summary>
    public (string Path, StatusMessage Message)? Outcome { get; private set; }

    /// <summary>The tenant of the request, once <see cref="EnsureSees(Tenant)"/> allowed it; null before, and if it concerns several.</summary>
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

    /// <summary>Redirects the browser after an action to a page that shows its message.</summary>
    public IResult Done(string path, StatusMessage message)
    {
        message.Store(Http);
        Outcome = (path, message);
        return Results.Redirect(Url(path));
    }

    /// <inheritdoc cref="Done(string, StatusMessage)"/>
    public IResult Done(string path, string message) => Done(path, new StatusMessage(message));

    /// <returns>A query value, trimmed; null when absent or blank, or rejected where no stored text can contain it.</returns>
    public string? Query(string name)
    {
        if (Http.Request.Query[name].ToString().Trim() is not { Length: > 0 } value)
            return null;
        if (!value.Contains('\0', StringComparison.Ordinal))
            return value;
        AddQueryError($"{FormWords.OfQuery(name)} contains a NUL character (U+0000), which no stored text contains. Remove it.");
        return null;
    }

    /// <summary>The errors of the query, a sentence each. The page shows them and lists nothing, because a list of everything would look like the requested one.</summary>
    public IReadOnlyList<string> QueryErrors => _queryErrors;

    /// <exception cref="InvalidInputException">The query has an error; call it where the query decides what is changed.</exception>
    public void EnsureQueryIsRead()
    {
        if (_queryErrors.Count > 0)
            throw new InvalidInputException(string.Join(' ', _queryErrors));
    }

    /// <summary>Adds an error for a query value.</summary>
    /// <param name="name">The query value.</param>
    /// <param name="problem">What is wrong and what would be right; follows the value.</param>
    public void RejectQuery(string name, string problem)
    {
        AddQueryError($"{FormWords.OfQuery(name)}: '{DisplayText.Excerpt(Query(name) ?? "", 40)}' {problem}");
    }

    private void AddQueryError(string error)
    {
        if (!_queryErrors.Contains(error))
            _queryErrors.Add(error);
    }

    /// <returns>A query value that is a whole number of 0 or more; null when absent, or rejected as anything else.</returns>
    public long? QueryNumber(string name)
    {
        if (Query(name) is not { } typed)
            return null;
        if (long.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        RejectQuery(name, "is not a whole number of 0 or more.");
        return null;
    }

    /// <returns>A query value that is a revision; null when absent, or rejected as no number.</returns>
    /// <param name="name">The query value.</param>
    /// <param name="newest">The newest revision there is.</param>
    /// <exception cref="NotFoundException">There is no such revision.</exception>
    public int? QueryRevision(string name, int newest) => QueryNumber(name) switch
    {
        null => null,
        >= 1 and var number when number <= newest => (int)number,
        var number => throw new NotFoundException(newest == 1 ? $"There is no revision {number}; the only revision is 1." : $"There is no revision {number}; the revisions are 1 to {newest}."),
    };

    /// <returns>A query value that is one of an enum's stored words, in any case; null when absent or one of the other words, or rejected as anything else.</returns>
    public TEnum? QueryWord<TEnum>(string name, params IReadOnlyList<string> others) where TEnum : struct, Enum =>
        QueryWord(name, [.. Enum.GetValues<TEnum>().Select(StoredWord.Of), .. others]) is { } word ? StoredWord.Find<TEnum>(word) : null;

    /// <returns>A query value that is one of some words, in any case, as it is spelled among them; null when absent, or rejected as anything else.</returns>
    public string? QueryWord(string name, IReadOnlyList<string> words)
    {
        if (Query(name) is not { } typed)
            return null;
        if (words.FirstOrDefault(word => word.Equals(typed, StringComparison.OrdinalIgnoreCase)) is { } found)
            return found;
        RejectQuery(name, $"is not known here; expected one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>Treats a tenant that the viewer may not see as not found.</summary>
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
