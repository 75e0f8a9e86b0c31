using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Reads the lists of a tenant's page.</summary>
internal sealed class TenantListsReader(
    PageRequest request, OverviewRepository overview, RunListRepository runs, EvaluationSuiteRepository suites, VersionListRepository versions, AlertRepository alerts, RunScheduleRepository schedules)
{
    private const int RunCount = 15;
    private const int BatchCount = 10;
    private const int SuiteCount = 50;
    private const int VersionCount = 25;
    private const int AlertCount = 10;

    public async Task<TenantLists> ReadAsync(Tenant tenant) => new()
    {
        Batches = await overview.ListBatchesAsync(tenant.Id, BatchCount, request.Aborted),
        Runs = await runs.ListAsync(new RunListFilter { TenantIds = [tenant.Id] }, RunCount, request.Aborted),
        Suites = [.. (await suites.ListAsync(tenant.Id, request.Aborted)).Take(SuiteCount)],
        Versions = await versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id] }, VersionCount, request.Aborted),
        Schedules = await schedules.ListAsync(tenant.Id, null, request.Aborted),
        Alerts = await alerts.ListAsync(tenant.Id, null, long.MaxValue, AlertCount, request.Aborted),
    };
}

/// <summary>A tenant's suites, versions and schedules, and its latest runs, batches and alerts.</summary>
internal sealed record TenantLists
{
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

    /// <summary>Its latest alerts, newest first.</summary>
    public required IReadOnlyList<Alert> Alerts { get; init; }
}
