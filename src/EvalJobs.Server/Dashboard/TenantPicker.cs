using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>Reads the tenant in a page's query, by short name or by name. One per request.</summary>
internal sealed class TenantPicker(PageRequest request, OverviewCache overview, TenantRepository tenants)
{
    /// <summary>Tenants that match what was typed, shown to choose from.</summary>
    private const int MaxMatches = 20;

    private const string RememberedCookie = "evaljobs-tenant";

    /// <returns>The choice; its error says what is wrong with the typed text.</returns>
    public async Task<TenantChoice> ReadAsync()
    {
        var state = (await overview.GetAsync()).SeenBy(request.Viewer);
        var seen = state.Offered;
        var remembered = request.Http.Request.Cookies[RememberedCookie] is { } slug ? seen.FirstOrDefault(tenant => tenant.Slug == slug) : null;
        var choice = new TenantChoice { Typed = request.Query("tenant"), Offered = state.OfferedFirst, Remembered = remembered };
        if (choice.Typed is not { } typed)
            return request.Viewer.SeesEverything || seen.Count != 1 ? choice : choice with { Tenant = await FindAsync(seen[0].Slug) };

        // The snapshot is a few seconds old, but a new tenant must be found at once by its short name.
        if (await FindAsync(typed) is { } tenant)
            return Remember(choice with { Tenant = tenant });

        var matches = seen.Where(each => each.Name.Equals(typed, StringComparison.OrdinalIgnoreCase)).ToList();
        if (matches.Count == 0)
            matches = [.. seen.Where(each => each.Slug.Contains(typed, StringComparison.OrdinalIgnoreCase) || each.Name.Contains(typed, StringComparison.OrdinalIgnoreCase))];
        return matches switch
        {
            [var only] when await FindAsync(only.Slug) is { } found => Remember(choice with { Tenant = found }),
            [_, _, ..] => choice with
            {
                Error = $"{DisplayText.Count(matches.Count)} tenants match '{DisplayText.Excerpt(typed, 40)}'. {(matches.Count > MaxMatches ? $"These are the first {MaxMatches}; choose one, or type more of the name." : "Choose one.")}",
                Matches = [.. matches.Take(MaxMatches)],
            },
            _ => choice with { Error = $"There is no tenant '{DisplayText.Excerpt(typed, 40)}'." },
        };
    }

    private TenantChoice Remember(TenantChoice choice)
    {
        // A refresh must not store the choice: it would undo a later choice on another page.
        if (request.IsLive)
            return choice;

        request.Http.Response.Cookies.Append(RememberedCookie, choice.Tenant!.Slug, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = request.Http.Request.IsHttps,
            MaxAge = TimeSpan.FromDays(180),
            Path = request.Url("/evaluations"),
        });
        return choice;
    }

    private async Task<Tenant?> FindAsync(string slug)
    {
        try
        {
            return await tenants.FindAsync(slug, request.Aborted) is { } tenant && request.Viewer.Sees(tenant.Slug) ? tenant : null;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}

/// <summary>The tenant in a page's query.</summary>
internal sealed record TenantChoice
{
    /// <summary>As typed; null when nothing was.</summary>
    public required string? Typed { get; init; }

    /// <summary>The tenant; null means all that the viewer sees.</summary>
    public Tenant? Tenant { get; init; }

    /// <summary>What is wrong with what was typed, as a sentence; null when nothing is.</summary>
    public string? Error { get; init; }

    /// <summary>Tenants to choose from while typing; any other can be typed, too.</summary>
    public required IReadOnlyList<TenantOption> Offered { get; init; }

    /// <summary>The tenants that match the typed text, if there are several; the first by short name.</summary>
    public IReadOnlyList<TenantOption> Matches { get; init; } = [];

    /// <summary>The tenant chosen last in this browser; null when none was.</summary>
    public required TenantOption? Remembered { get; init; }

    /// <summary>The text in the field.</summary>
    public string? FieldText => Error is null ? Tenant?.Slug : Typed;

    /// <summary>The status of the page's answer.</summary>
    public int Status => Error is null ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;

    /// <exception cref="NotFoundException">The typed text is not a tenant.</exception>
    public TenantChoice Ensure() => Error is null ? this : throw new NotFoundException(Error);
}

/// <summary>A tenant to choose.</summary>
/// <param name="Slug">Its short name.</param>
/// <param name="Name">Its name for people.</param>
internal sealed record TenantOption(string Slug, string Name);
