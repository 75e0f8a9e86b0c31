using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>What a tenant has waiting and running at one moment.</summary>
internal sealed record TenantLoad
{
    /// <summary>The tenant.</summary>
    public required long TenantId { get; init; }

    /// <summary>Its short name.</summary>
    public required string Slug { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its processing is paused.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>Its own warning threshold; null means the server's.</summary>
    public int? PendingWarningThreshold { get; init; }

    /// <summary>The worker pool that works the tenant; null means the common one.</summary>
    public string? WorkerPool { get; init; }

    /// <summary>Pending runs, those in backoff included.</summary>
    public required int PendingCount { get; init; }

    /// <summary>How long the oldest due run has been due, milliseconds; null when none is due.</summary>
    public long? OldestPendingAgeMs { get; init; }

    /// <summary>Runs being worked.</summary>
    public required int RunningCount { get; init; }

    /// <summary>Running runs whose lease has expired: their workers are gone.</summary>
    public required int ExpiredLeaseCount { get; init; }

    /// <summary>The status of the previous health check; null at the first.</summary>
    public HealthStatus? PreviousStatus { get; init; }

    /// <summary>Since when it has that status, UTC.</summary>
    public DateTimeOffset? PreviousSince { get; init; }
}

/// <summary>The outcome of a health check for one tenant.</summary>
/// <param name="Load">The figures assessed.</param>
/// <param name="Status">The result.</param>
/// <param name="Reasons">One sentence for each problem; empty when HEALTHY.</param>
internal sealed record TenantHealth(TenantLoad Load, HealthStatus Status, IReadOnlyList<string> Reasons)
{
    /// <summary>The failures assessed.</summary>
    public TenantFailures Failures { get; init; } = TenantFailures.None;

    /// <summary>Assesses one tenant.</summary>
    /// <param name="load">Its figures.</param>
    /// <param name="defaultPendingWarning">Pending runs above which it is in WARNING, unless the tenant has its own threshold.</param>
    /// <param name="maxWait">How long a due run may wait before it is a warning: two ticks.</param>
    /// <param name="isPoolWorked">Whether a living server works the tenant's pool.</param>
    /// <param name="failures">Its agents that do not answer, and its failed runs that need action.</param>
    /// <param name="outages">The endpoints that do not answer it; null means none.</param>
    /// <param name="schedules">Why its schedules could not create a run, a sentence each; null means none.</param>
    public static TenantHealth Assess(
        TenantLoad load, int defaultPendingWarning, TimeSpan maxWait, bool isPoolWorked, TenantFailures failures, IEnumerable<EndpointOutage>? outages = null,
        IEnumerable<string>? schedules = null)
    {
        var reasons = new List<string>();

        var threshold = load.PendingWarningThreshold ?? defaultPendingWarning;
        if (load.PendingCount > threshold)
            reasons.Add($"{load.PendingCount} {Plural.Of(load.PendingCount, "run")} pending, above the warning threshold of {threshold}.");

        // A paused tenant's runs wait on purpose.
        if (!load.IsPaused && load.OldestPendingAgeMs > maxWait.TotalMilliseconds)
            reasons.Add($"The oldest due run has waited {Readable(load.OldestPendingAgeMs.Value)}, longer than two ticks ({Readable((long)maxWait.TotalMilliseconds)}).");

        if (load.ExpiredLeaseCount > 0)
            reasons.Add($"{load.ExpiredLeaseCount} running with an expired lease; the next tick requeues them.");

        if (!load.IsPaused && !isPoolWorked)
            reasons.Add($"No living server works its pool '{load.WorkerPool ?? Tenant.CommonPool}'.");

        // A paused tenant has no attempts, but its failed runs still need a decision.
        if (!load.IsPaused)
            reasons.AddRange(failures.AgentReasons);
        if (failures.ActionReason is { } action)
            reasons.Add(action);

        if (!load.IsPaused)
            reasons.AddRange(schedules ?? []);

        // Without runs the endpoint is not tried, so it is not known whether it answers now.
        if (!load.IsPaused && load.PendingCount + load.RunningCount > 0)
        {
            reasons.AddRange((outages ?? []).Select(outage => string.Create(
                CultureInfo.InvariantCulture,
                $"The endpoint {outage.Endpoint} has not answered since {outage.Since:yyyy-MM-dd HH:mm} UTC (asked {(outage.TryCount == 1 ? "once" : $"{outage.TryCount} times")}); its runs wait for it.")));
        }

        return new TenantHealth(load, reasons.Count == 0 ? HealthStatus.Healthy : HealthStatus.Warning, reasons) { Failures = failures };
    }

    private static string Readable(long milliseconds)
    {
        var span = TimeSpan.FromMilliseconds(milliseconds);
        return span.TotalDays >= 1 ? $"{(int)span.TotalDays} d {span.Hours} h"
            : span.TotalHours >= 1 ? $"{(int)span.TotalHours} h {span.Minutes} min"
            : span.TotalMinutes >= 1 ? $"{(int)span.TotalMinutes} min {span.Seconds} s"
            : $"{span.TotalSeconds:0.#} s";
    }
}
