using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Dashboard.Components;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>How is this tenant served?</summary>
internal sealed class TenantPage(
    PageRequest request, OverviewCache cache, TenantRepository tenants, TenantHealthRepository clock, TenantListsReader lists, DispatchOptions dispatch, HealthOptions health)
{
    public async Task<IResult> ShowAsync(string slug)
    {
        var tenant = await tenants.FindAsync(slug, request.Aborted);
        request.EnsureSees(tenant);
        var snapshot = await cache.GetAsync();
        var state = snapshot.Tenants.FirstOrDefault(each => each.Load.TenantId == tenant.Id);

        return Page.Of<TenantView, TenantModel>(new TenantModel
        {
            Tenant = tenant,
            DefaultBatchLimit = dispatch.BatchLimit,
            DefaultPendingWarning = health.PendingWarning,
            State = state,
            Now = await clock.ReadClockAsync(request.Aborted),
            Chart = state is null
                ? null
                : DayChartModel.Of(state.Flow, (long)state.Load.PendingCount + state.Load.RunningCount, snapshot.At),
            Lists = await lists.ReadAsync(tenant),
        });
    }
}

/// <summary>What the page of a tenant shows.</summary>
internal sealed record TenantModel
{
    /// <summary>The tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>Runs of a batch where the tenant has no limit of its own.</summary>
    public required int DefaultBatchLimit { get; init; }

    /// <summary>The pending runs above which it is in WARNING, where it has no threshold of its own.</summary>
    public required int DefaultPendingWarning { get; init; }

    /// <summary>Its health and last day; null for the first seconds after it was added.</summary>
    public required TenantState? State { get; init; }

    /// <summary>The database's clock. The snapshot is a little older than it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Its last 24 hours.</summary>
    public required DayChartModel? Chart { get; init; }

    /// <summary>Its suites, versions and schedules, and its latest runs, batches and alerts.</summary>
    public required TenantLists Lists { get; init; }
}
