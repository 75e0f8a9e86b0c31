using EvalJobs.Server.Access;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>In which zone, and how, does this browser want to see times?</summary>
internal sealed class TimesPage(PageRequest request)
{
    /// <summary>The field with the address to return to.</summary>
    internal const string BackField = "back";

    /// <summary>The value of the field of the style for relative times.</summary>
    internal const string Ages = "ages";

    private static readonly Lazy<IReadOnlyList<string>> Zones = new(() =>
        [.. TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id).Where(id => PageTimes.FindZone(id) is not null).Order(StringComparer.Ordinal)]);

    public IResult Show() => Show(null, request.Query(BackField), null);

    /// <summary>Stores the choice in this browser and returns to the page where it was made.</summary>
    public IResult Save(IFormCollection form)
    {
        if (form["zone"].ToString() is { Length: > 0 } name)
        {
            if (PageTimes.FindZone(name) is not { } zone)
                return Show(name, form[BackField], $"There is no time zone '{DisplayText.Excerpt(name, 40)}'.");
            Keep(PageTimes.ZoneCookie, ReferenceEquals(zone, TimeZoneInfo.Utc) ? null : zone.Id);
        }

        if (form["times"].ToString() is { Length: > 0 } style)
            Keep(PageTimes.StyleCookie, style == PageTimes.Exact ? PageTimes.Exact : null);
        return Results.Redirect(SignInEndpoints.Safe(request.Http, form[BackField]));
    }

    private IResult Show(string? typed, string? back, string? error) => Page.Of<TimesView, TimesModel>(
        new TimesModel(Zones.Value, typed ?? request.Times.Name, back, error), error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private void Keep(string cookie, string? value)
    {
        // Lax, so that the choice also applies after a link from another site.
        var options = new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = request.Http.Request.IsHttps,
            MaxAge = TimeSpan.FromDays(400),
            Path = request.Url("/evaluations"),
        };
        if (value is null)
            request.Http.Response.Cookies.Delete(cookie, options);
        else
            request.Http.Response.Cookies.Append(cookie, value, options);
    }
}

/// <summary>What the page of the times shows.</summary>
/// <param name="Zones">Names of time zones to choose from.</param>
/// <param name="Chosen">The one chosen, or what was typed.</param>
/// <param name="Back">The address to go back to; null means the first page.</param>
/// <param name="Error">What is wrong with the choice; null when nothing is.</param>
internal sealed record TimesModel(IReadOnlyList<string> Zones, string Chosen, string? Back, string? Error);
