using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Which suites are there, and how do versions do on them?</summary>
internal sealed class SuitesPage(PageRequest request, SuiteListRepository lists, TenantRepository tenants, TenantPicker picker, TenantHealthRepository health)
{
    private const int PageSize = 25;

    public async Task<IResult> ShowAsync()
    {
        var choice = await picker.ReadAsync();
        var tenant = choice.Tenant;

        var filter = new SuiteListFilter
        {
            TenantIds = choice.Error is null ? await TenantScope.IdsAsync(request, tenant, tenants) : [],
            Name = request.Query("name"),
            Tag = request.Query("tag"),
            BeforeId = request.QueryNumber("before") ?? long.MaxValue,
        };
        IReadOnlyList<SuiteRow> found = request.QueryErrors.Count > 0 ? [] : await lists.ListAsync(filter, PageSize + 1, request.Aborted);
        var shown = found.Take(PageSize).ToList();
        var runs = await lists.ListRunsAsync(shown.Select(suite => suite.Id), SuiteTrend.Length, request.Aborted);
        return Page.Of<SuitesView, SuitesModel>(new SuitesModel
        {
            Suites = [.. shown.Select(suite => (suite, new SuiteTrend([.. runs[suite.Id]])))],
            HasMore = found.Count > PageSize,
            Choice = choice,
            Filter = filter,
            Now = await health.ReadClockAsync(request.Aborted),
        }, choice.Status);
    }
}

/// <summary>What the list of suites shows.</summary>
internal sealed record SuitesModel
{
    /// <summary>The suites of this page with their latest runs.</summary>
    public required IReadOnlyList<(SuiteRow Suite, SuiteTrend Trend)> Suites { get; init; }

    /// <summary>Whether older ones follow.</summary>
    public required bool HasMore { get; init; }

    /// <summary>The tenant chosen, and what was typed.</summary>
    public required TenantChoice Choice { get; init; }

    /// <summary>The tenant chosen; null means all.</summary>
    public Tenant? Tenant => Choice.Tenant;

    /// <summary>What is shown.</summary>
    public required SuiteListFilter Filter { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }
}
