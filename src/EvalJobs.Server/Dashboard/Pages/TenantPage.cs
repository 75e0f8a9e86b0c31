using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Dashboard.Components;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>How is this tenant served?</summary>
internal sealed class TenantPage(
    PageRequest request, OverviewCache cache, TenantRepository tenants, OverviewRepository overview, RunListRepository runs, EvaluationSuiteRepository suites,
    VersionListRepository versions, AlertRepository alerts, RunScheduleRepository schedules, TenantHealthRepository clock, DispatchOptions dispatch, HealthOptions health)
{
    private const int RunCount = 15;
    private const int BatchCount = 10;
    private const int SuiteCount = 50;
    private const int VersionCount = 25;
    private const int AlertCount = 10;

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
            Batches = await overview.ListBatchesAsync(tenant.Id, BatchCount, request.Aborted),
            Runs = await runs.ListAsync(new RunListFilter { TenantIds = [tenant.Id] }, RunCount, request.Aborted),
            Suites = [.. (await suites.ListAsync(tenant.Id, request.Aborted)).Take(SuiteCount)],
            Versions = await versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id] }, VersionCount, request.Aborted),
            Schedules = await schedules.ListAsync(tenant.Id, null, request.Aborted),
            Alerts = await alerts.ListAsync(tenant.Id, null, long.MaxValue, AlertCount, request.Aborted),
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

    /// <summary>Its health and last day; null for the first seconds of its life.</summary>
    public required TenantState? State { get; init; }

    /// <summary>The database's clock. The snapshot is older than what is read beside it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Its last 24 hours.</summary>
    public required DayChartModel? Chart { get; init; }

    /// <summary>Its latest batches, newest first.</summary>
    public required IReadOnlyList<TenantBatch> Batches { get; init; }

    /// <summary>Its latest runs, newest first.</summary>
    public required IReadOnlyList<RunRow> Runs { get; init; }

    /// <summary>Its suites by name.</summary>
    public required IReadOnlyList<EvaluationSuite> Suites { get; init; }

    /// <summary>Its latest versions, newest first.</summary>
    public required IReadOnlyList<VersionRow> Versions { get; init; }

    /// <summary>Its schedules, by id.</summary>
    public required IReadOnlyList<RunSchedule> Schedules { get; init; }

    /// <summary>What was last told of it, newest first.</summary>
    public required IReadOnlyList<Alert> Alerts { get; init; }
}
