using EvalJobs.Domain;
using EvalJobs.Server.Access;

namespace EvalJobs.Server.Dashboard;

/// <summary>The state of every tenant and of the server at one moment.</summary>
/// <param name="At">When, UTC in the database's clock.</param>
/// <param name="Tenants">Every tenant, the one with the worst health first.</param>
/// <param name="Ticks">The latest ticks, newest first.</param>
/// <param name="NextTick">When the next is due, UTC; null when the schedule has none.</param>
/// <param name="ServerReasons">What is wrong with the server itself, a sentence each; empty when nothing.</param>
/// <param name="Paused">The paused recurring jobs, a sentence each; empty when none is.</param>
/// <param name="IsTickPaused">Whether the tick is among them.</param>
internal sealed record OverviewSnapshot(
    DateTimeOffset At, IReadOnlyList<TenantState> Tenants, IReadOnlyList<Dispatch> Ticks, DateTimeOffset? NextTick, IReadOnlyList<string> ServerReasons,
    IReadOnlyList<string> Paused, bool IsTickPaused)
{
    /// <summary>Short names of all tenants.</summary>
    public IReadOnlyDictionary<long, string> SlugsById { get; } = Tenants.ToDictionary(tenant => tenant.Load.TenantId, tenant => tenant.Load.Slug);

    private readonly VisibleTenants _all = new(Tenants, At);

    /// <returns>The tenants a viewer sees.</returns>
    public VisibleTenants SeenBy(Viewer viewer) => viewer.SeesEverything ? _all : new([.. Tenants.Where(tenant => viewer.Sees(tenant.Load.Slug))], At);
}

/// <summary>One tenant's health and its last 24 hours.</summary>
/// <param name="Health">Its load and health.</param>
/// <param name="Flow">The runs created and ended, per hour; hours without any are left out.</param>
internal sealed record TenantState(TenantHealth Health, IReadOnlyList<DayFlow> Flow)
{
    /// <summary>Its load.</summary>
    public TenantLoad Load => Health.Load;

    /// <summary>Runs that failed permanently in the last 24 hours.</summary>
    public long FailedCount { get; } = Flow.Sum(hour => hour.FailedCount);

    /// <summary>Passed cases / cases of the runs completed in the last 24 hours; null when there were none.</summary>
    public double? PassRate { get; } = Flow.Sum(hour => hour.CaseCount) is > 0 and var cases ? (double)Flow.Sum(hour => hour.PassedCaseCount) / cases : null;

    /// <summary>WARNING first, then expired leases, then the longest wait, then the most failures and the most waiting.</summary>
    public static IReadOnlyList<TenantState> WorstFirst(IEnumerable<TenantState> tenants) =>
    [
        .. tenants
            .OrderByDescending(tenant => tenant.Health.Status)
            .ThenByDescending(tenant => tenant.Load.ExpiredLeaseCount)
            .ThenByDescending(tenant => tenant.Load.IsPaused ? 0 : tenant.Load.OldestPendingAgeMs ?? 0)
            .ThenByDescending(tenant => tenant.FailedCount)
            .ThenByDescending(tenant => tenant.Load.PendingCount)
            .ThenByDescending(tenant => tenant.Load.RunningCount)
            .ThenBy(tenant => tenant.Load.Slug, StringComparer.Ordinal),
    ];
}

/// <summary>The figures of our menu entries.</summary>
/// <param name="PendingCount">Runs waiting.</param>
/// <param name="RunningCount">Runs being worked.</param>
/// <param name="WarningCount">Tenants in WARNING.</param>
/// <param name="ActionCount">Runs that failed permanently and need action.</param>
/// <param name="FailedCount">Runs that failed permanently in the last 24 hours, whether acknowledged, retried or not.</param>
/// <param name="OldestDueMs">How long the run that is due longest has been waiting, milliseconds; null when none is due.</param>
internal readonly record struct BadgeCounts(int PendingCount, int RunningCount, int WarningCount, int ActionCount, int FailedCount, long? OldestDueMs)
{
    /// <returns>The figures over some tenants.</returns>
    public static BadgeCounts Of(IReadOnlyList<TenantState> tenants) => new(
        tenants.Sum(tenant => tenant.Load.PendingCount),
        tenants.Sum(tenant => tenant.Load.RunningCount),
        tenants.Count(tenant => tenant.Health.Status == HealthStatus.Warning),
        tenants.Sum(tenant => tenant.Health.Failures.RunsNeedingAction),
        (int)tenants.Sum(tenant => tenant.FailedCount),
        tenants.Max(tenant => tenant.Load.IsPaused ? null : tenant.Load.OldestPendingAgeMs));
}
