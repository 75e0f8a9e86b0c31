using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The search page. A number leads to the run; a text finds tenants, versions, suites and cases.</summary>
internal sealed class SearchPage(PageRequest request, SearchRepository search, EvaluationRunRepository runs, TenantRepository tenants)
{
    /// <summary>Results shown of each kind.</summary>
    public const int MaxResults = 20;

    public async Task<IResult> ShowAsync()
    {
        var text = request.Query("q") is { } typed ? DisplayText.WithoutHalf(typed[..Math.Min(typed.Length, SearchPattern.MaxLength)]) : "";
        var number = NumberOf(text);
        if (number is { } runId && await IsSeenAsync(runId))
            return Results.Redirect(request.Url($"/evaluations/runs/{runId}"));
        if (text.Length == 0)
            return Page.Of<SearchView, SearchModel>(new SearchModel { Text = text });

        var chosen = request.Query("tenant") is { } slug ? request.EnsureSees(await tenants.FindAsync(slug, request.Aborted)) : null;
        var ids = await TenantScope.IdsAsync(request, chosen, tenants);
        return Page.Of<SearchView, SearchModel>(new SearchModel
        {
            Text = text,
            MissingRun = number,
            Tenant = chosen,
            Tenants = chosen is null ? await FindTenantsAsync(text) : [],
            Versions = await search.FindVersionsAsync(text, ids, MaxResults, request.Aborted),
            Suites = await search.FindSuitesAsync(text, ids, MaxResults, request.Aborted),
            Cases = await search.FindCasesAsync(text, ids, MaxResults, request.Aborted),
        });
    }

    // For users who may see only some tenants, all tenants are read and filtered, so that other tenants do not use up the limit.
    private async Task<IReadOnlyList<Tenant>> FindTenantsAsync(string text)
    {
        var limit = request.Viewer.SeesEverything ? MaxResults : SearchRepository.MaxScanned;
        return [.. (await search.FindTenantsAsync(text, limit, request.Aborted)).Where(tenant => request.Viewer.Sees(tenant.Slug)).Take(MaxResults)];
    }

    private async Task<bool> IsSeenAsync(long runId)
    {
        try
        {
            var run = await runs.GetAsync(runId, request.Aborted);
            return request.Viewer.Sees((await tenants.GetAsync(run.TenantId, request.Aborted)).Slug);
        }
        catch (NotFoundException)
        {
            return false;
        }
    }

    private static long? NumberOf(string text)
    {
        var digits = text.StartsWith("run ", StringComparison.OrdinalIgnoreCase) ? text[4..].Trim() : text;
        return long.TryParse(digits.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

/// <summary>What a search shows.</summary>
internal sealed record SearchModel
{
    /// <summary>As typed; empty when nothing was.</summary>
    public required string Text { get; init; }

    /// <summary>The number typed, when no run has it.</summary>
    public long? MissingRun { get; init; }

    /// <summary>The tenant searched; null means all that the viewer sees.</summary>
    public Tenant? Tenant { get; init; }

    /// <summary>Tenants found.</summary>
    public IReadOnlyList<Tenant> Tenants { get; init; } = [];

    /// <summary>Versions found.</summary>
    public IReadOnlyList<VersionRow> Versions { get; init; } = [];

    /// <summary>Suites found.</summary>
    public IReadOnlyList<FoundSuite> Suites { get; init; } = [];

    /// <summary>Cases found.</summary>
    public IReadOnlyList<FoundCase> Cases { get; init; } = [];

    /// <summary>Whether nothing was found.</summary>
    public bool IsEmpty => Tenants.Count + Versions.Count + Suites.Count + Cases.Count == 0;
}
