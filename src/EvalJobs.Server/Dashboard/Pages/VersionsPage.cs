using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>The list of agent versions with their states.</summary>
internal sealed class VersionsPage(PageRequest request, VersionListRepository lists, EvaluationSuiteRepository suites, TenantRepository tenants, TenantPicker picker, TenantHealthRepository health, QueryReferences references)
{
    private const int PageSize = 50;

    /// <summary>Agents and suites offered to choose from; more are reached by links.</summary>
    private const int ChoiceCount = 200;

    public async Task<IResult> ShowAsync()
    {
        var choice = await picker.ReadAsync();
        var tenant = choice.Tenant;

        var filter = new VersionListFilter
        {
            TenantIds = choice.Error is null ? await TenantScope.IdsAsync(request, tenant, tenants) : [],
            AgentName = tenant is null ? null : await references.AgentAsync(tenant),
            LifecycleState = request.QueryWord<LifecycleState>("state"),
            EvalStatus = request.QueryWord<EvalStatus>("evaluation"),
            SuiteId = tenant is null ? null : await references.SuiteAsync(tenant),
            BeforeId = request.QueryNumber("before") ?? long.MaxValue,
        };
        var found = request.QueryErrors.Count > 0 ? new VersionRows([], null) : await lists.ListPageAsync(filter, PageSize, request.Aborted);
        return Page.Of<VersionsView, VersionsModel>(new VersionsModel
        {
            Page = found,
            Choice = choice,
            Filter = filter,
            Suites = tenant is null ? [] : [.. (await suites.ListAsync(tenant.Id, request.Aborted)).Take(ChoiceCount)],
            Agents = tenant is null ? [] : await lists.ListAgentsAsync(tenant.Id, "", ChoiceCount, request.Aborted),
            Now = await health.ReadClockAsync(request.Aborted),
        }, choice.Status);
    }
}

/// <summary>What the list of versions shows.</summary>
internal sealed record VersionsModel
{
    /// <summary>The versions of this page, and where the next begins.</summary>
    public required VersionRows Page { get; init; }

    /// <summary>The tenant chosen, and what was typed.</summary>
    public required TenantChoice Choice { get; init; }

    /// <summary>The tenant chosen; null means all.</summary>
    public Tenant? Tenant => Choice.Tenant;

    /// <summary>What is shown.</summary>
    public required VersionListFilter Filter { get; init; }

    /// <summary>The agent chosen; null means all.</summary>
    public string? Agent => Filter.AgentName;

    /// <summary>Suites to choose from, once a tenant is chosen.</summary>
    public required IReadOnlyList<EvaluationSuite> Suites { get; init; }

    /// <summary>Agents to choose from, once a tenant is chosen.</summary>
    public required IReadOnlyList<string> Agents { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }
}
