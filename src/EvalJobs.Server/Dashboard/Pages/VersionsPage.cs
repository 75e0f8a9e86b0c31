using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Which agent versions are there, and where do they stand?</summary>
internal sealed class VersionsPage(PageRequest request, VersionListRepository lists, TenantRepository tenants, TenantPicker picker, TenantHealthRepository health)
{
    private const int PageSize = 50;

    /// <summary>Agents offered to choose from; more are reached by links.</summary>
    private const int ChoiceCount = 200;

    public async Task<IResult> ShowAsync()
    {
        var choice = await picker.ReadAsync();
        var tenant = choice.Tenant;

        var filter = new VersionListFilter
        {
            TenantIds = choice.Error is null ? await TenantScope.IdsAsync(request, tenant, tenants) : [],
            AgentName = tenant is null ? null : request.Query("agent"),
            BeforeId = request.QueryNumber("before") ?? long.MaxValue,
        };
        var found = await lists.ListAsync(filter, PageSize + 1, request.Aborted);
        return Page.Of<VersionsView, VersionsModel>(new VersionsModel
        {
            Versions = [.. found.Take(PageSize)],
            HasMore = found.Count > PageSize,
            Choice = choice,
            Agent = filter.AgentName,
            Agents = tenant is null ? [] : await lists.ListAgentsAsync(tenant.Id, "", ChoiceCount, request.Aborted),
            Now = await health.ReadClockAsync(request.Aborted),
        }, choice.Status);
    }
}

/// <summary>What the list of versions shows.</summary>
internal sealed record VersionsModel
{
    /// <summary>The versions of this page.</summary>
    public required IReadOnlyList<VersionRow> Versions { get; init; }

    /// <summary>Whether older ones follow.</summary>
    public required bool HasMore { get; init; }

    /// <summary>The tenant chosen, and what was typed.</summary>
    public required TenantChoice Choice { get; init; }

    /// <summary>The tenant chosen; null means all.</summary>
    public Tenant? Tenant => Choice.Tenant;

    /// <summary>The agent chosen; null means all.</summary>
    public required string? Agent { get; init; }

    /// <summary>Agents to choose from, once a tenant is chosen.</summary>
    public required IReadOnlyList<string> Agents { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }
}
