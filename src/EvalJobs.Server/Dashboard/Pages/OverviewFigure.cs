using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>One of the figures at the top of the overview, which also filters its tenants.</summary>
/// <param name="Key">Its word in the address.</param>
/// <param name="Text">What is counted.</param>
/// <param name="Count">The count.</param>
/// <param name="Concerns">Whether a tenant adds to it.</param>
/// <param name="NeedsAttention">Whether a count above 0 needs a person.</param>
internal sealed record OverviewFigure(string Key, string Text, long Count, Func<TenantState, bool> Concerns, bool NeedsAttention = false)
{
    /// <returns>The figures over some tenants.</returns>
    public static IReadOnlyList<OverviewFigure> Of(IReadOnlyList<TenantState> tenants) =>
    [
        new("action", tenants.Count(NeedsAction) == 1 ? "tenant needs action" : "tenants need action", tenants.Count(NeedsAction), NeedsAction, NeedsAttention: true),
        new("running", "running", tenants.Sum(tenant => (long)tenant.Load.RunningCount), tenant => tenant.Load.RunningCount > 0),
        new("waiting", "waiting", tenants.Sum(tenant => (long)tenant.Load.PendingCount), tenant => tenant.Load.PendingCount > 0),
        new("failed", "failed in 24 h", tenants.Sum(tenant => tenant.FailedCount), tenant => tenant.FailedCount > 0),
    ];

    private static bool NeedsAction(TenantState tenant) => tenant.Health.Status == HealthStatus.Warning;
}
