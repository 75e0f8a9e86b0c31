using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Is everything all right, and if not, where to look first?</summary>
internal sealed class OverviewPage(PageRequest request, OverviewCache cache, OverviewRepository overview)
{
    private const int PageSize = 50;

    public async Task<IResult> ShowAsync()
    {
        var state = await cache.GetAsync();
        var seen = state.SeenBy(request.Viewer);
        var name = request.Query("name");
        var word = request.QueryWord("show", [.. seen.Figures.Select(each => each.Key)]);
        var figure = seen.Figures.FirstOrDefault(each => each.Key == word);
        var requested = request.QueryNumber("page") ?? 1;
        IReadOnlyList<TenantState> matching = request.QueryErrors.Count > 0 ? []
            : figure is null && name is null ? seen.Tenants
            : [.. seen.Tenants.Where(tenant => (figure is null || figure.Concerns(tenant)) && (name is null || Matches(tenant, name)))];

        var pageCount = LastPage.Of(matching.Count, PageSize);
        var page = (int)Math.Clamp(requested, 1, pageCount);
        var shown = matching.Skip((page - 1) * PageSize).Take(PageSize).ToList();
        var lastBatches = (await overview.ListLastBatchesAsync(shown.Select(tenant => tenant.Load.TenantId), request.Aborted))
            .ToDictionary(batch => batch.TenantId);

        return Page.Of<OverviewView, OverviewModel>(new OverviewModel
        {
            State = state,
            Seen = seen,
            ServerReasons = request.Viewer.SeesEverything ? state.ServerReasons : [],
            Figure = figure,
            Name = name,
            MatchCount = matching.Count,
            Page = page,
            PageCount = pageCount,
            Tenants = [.. shown.Select(tenant => (tenant, lastBatches.GetValueOrDefault(tenant.Load.TenantId)))],
        });
    }

    private static bool Matches(TenantState tenant, string name) =>
        tenant.Load.Slug.Contains(name, StringComparison.OrdinalIgnoreCase)
        || CultureInfo.InvariantCulture.CompareInfo.IndexOf(tenant.Load.Name, name, CompareOptions.OrdinalIgnoreCase) >= 0;
}

/// <summary>What the overview shows.</summary>
internal sealed record OverviewModel
{
    /// <summary>The shared reading.</summary>
    public required OverviewSnapshot State { get; init; }

    /// <summary>Every tenant the viewer sees, and the figures over them.</summary>
    public required VisibleTenants Seen { get; init; }

    /// <summary>What is wrong with the server itself; empty for a user who may see only some tenants.</summary>
    public required IReadOnlyList<string> ServerReasons { get; init; }

    /// <summary>The figure whose tenants are listed; null means all tenants.</summary>
    public required OverviewFigure? Figure { get; init; }

    /// <summary>The filter for the tenants' names; null means none.</summary>
    public required string? Name { get; init; }

    /// <summary>Tenants that pass the filter.</summary>
    public required int MatchCount { get; init; }

    /// <summary>The page shown, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>Pages there are, 1 at least.</summary>
    public required int PageCount { get; init; }

    /// <summary>The tenants of this page, each with its latest batch.</summary>
    public required IReadOnlyList<(TenantState State, TenantBatch? LastBatch)> Tenants { get; init; }

    /// <summary>Tenants in WARNING.</summary>
    public int WarningCount => Seen.Badges.WarningCount;

    /// <summary>Whether the server or any tenant is in WARNING.</summary>
    public bool IsWarning => ServerReasons.Count > 0 || WarningCount > 0;
}
