using EvalJobs.Server.Dashboard.Components;
using EvalJobs.Server.Dashboard.Pages;

namespace EvalJobs.Server.Dashboard;

/// <summary>The tenants that a viewer sees, and their figures. For viewers who see every tenant, they are calculated once for each snapshot.</summary>
/// <param name="tenants">The tenants, the one with the worst health first.</param>
/// <param name="at">When they were read, UTC in the database's clock.</param>
internal sealed class VisibleTenants(IReadOnlyList<TenantState> tenants, DateTimeOffset at)
{
    /// <summary>The tenants, the one with the worst health first.</summary>
    public IReadOnlyList<TenantState> Tenants => tenants;

    /// <summary>The figures of the menu entries.</summary>
    public BadgeCounts Badges { get; } = BadgeCounts.Of(tenants);

    /// <summary>The figures on top of the overview.</summary>
    public IReadOnlyList<OverviewFigure> Figures => field ??= OverviewFigure.Of(tenants);

    /// <summary>Their runs that failed permanently and need action.</summary>
    public int RunsNeedingAction => Badges.ActionCount;

    /// <summary>Backlog and throughput of the last 24 hours.</summary>
    public DayChartModel Chart => field ??=
        DayChartModel.Of(tenants.SelectMany(tenant => tenant.Flow), tenants.Sum(tenant => (long)tenant.Load.PendingCount + tenant.Load.RunningCount), at);

    /// <summary>Tenants offered in the list that opens while typing. It is part of every page with a filter, so it must stay small if there are thousands.</summary>
    private const int MaxOffered = 50;

    /// <summary>Tenants to choose from, by short name: all if there are few, otherwise those with the worst health.</summary>
    public IReadOnlyList<TenantOption> OfferedFirst => field ??= tenants.Count <= MaxOffered ? Offered : OfferedOf(tenants.Take(MaxOffered));

    /// <summary>All tenants to choose from, by short name.</summary>
    public IReadOnlyList<TenantOption> Offered => field ??= OfferedOf(tenants);

    private static IReadOnlyList<TenantOption> OfferedOf(IEnumerable<TenantState> tenants) =>
        [.. tenants.Select(tenant => new TenantOption(tenant.Load.Slug, tenant.Load.Name)).OrderBy(tenant => tenant.Slug, StringComparer.Ordinal)];
}
