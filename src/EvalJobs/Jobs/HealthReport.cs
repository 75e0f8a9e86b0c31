using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>The health of the whole server at one moment.</summary>
/// <param name="Overall">HEALTHY, or WARNING if the server or any tenant is in WARNING.</param>
/// <param name="CheckedAt">When, UTC in the database's clock.</param>
/// <param name="Reasons">What is wrong with the server itself; empty when nothing.</param>
/// <param name="Tenants">Each tenant, those in WARNING first.</param>
/// <param name="Paused">The paused recurring jobs, a sentence each; not a warning by itself.</param>
internal sealed record HealthReport(
    string Overall, DateTimeOffset CheckedAt, IReadOnlyList<string> Reasons, IReadOnlyList<TenantHealthLine> Tenants, IReadOnlyList<string> Paused)
{
    /// <summary>Sums up.</summary>
    public static HealthReport From(IReadOnlyList<TenantHealth> tenants, IReadOnlyList<string> serverReasons, DateTimeOffset now, IReadOnlyList<string>? paused = null)
    {
        var isWarning = serverReasons.Count > 0 || tenants.Any(tenant => tenant.Status == HealthStatus.Warning);
        return new HealthReport(
            StoredWord.Of(isWarning ? HealthStatus.Warning : HealthStatus.Healthy),
            now,
            serverReasons,
            [.. tenants
                .OrderByDescending(tenant => tenant.Status)
                .ThenBy(tenant => tenant.Load.Slug, StringComparer.Ordinal)
                .Select(TenantHealthLine.From)],
            paused ?? []);
    }
}

/// <summary>One tenant in a health report.</summary>
/// <param name="Tenant">Its short name.</param>
/// <param name="TenantName">Its name.</param>
/// <param name="Status">HEALTHY or WARNING.</param>
/// <param name="IsPaused">Whether its processing is paused.</param>
/// <param name="PendingCount">Runs waiting.</param>
/// <param name="RunningCount">Runs being worked.</param>
/// <param name="OldestPendingSeconds">How long the oldest due run has been due; null when none is.</param>
/// <param name="Reasons">One sentence for each problem.</param>
internal sealed record TenantHealthLine(
    string Tenant, string TenantName, string Status, bool IsPaused, int PendingCount, int RunningCount, double? OldestPendingSeconds, IReadOnlyList<string> Reasons)
{
    internal static TenantHealthLine From(TenantHealth health) => new(
        health.Load.Slug,
        health.Load.Name,
        StoredWord.Of(health.Status),
        health.Load.IsPaused,
        health.Load.PendingCount,
        health.Load.RunningCount,
        health.Load.OldestPendingAgeMs / 1000.0,
        health.Reasons);
}
