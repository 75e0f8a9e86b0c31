using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>Assesses the health of every tenant and of the server. Used by the health check and by the dashboard's overview.</summary>
/// <remarks>Reads, and stores nothing. The rules themselves are <see cref="TenantHealth.Assess"/> and <see cref="TickAssessment"/>.</remarks>
internal sealed class HealthAssessment(
    TenantHealthRepository health, WorkerPoolRepository workerPools, EndpointOutageRepository endpoints, RunScheduleRepository schedules, TickAssessment ticks, JobPauses pauses,
    AlertRepository alerts, HealthOptions options)
{
    /// <returns>The database's clock, UTC: the moment an assessment is made for.</returns>
    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken) => health.ReadClockAsync(cancellationToken);

    /// <returns>The failures of each tenant that has any. It costs more than the rest, so the overview caches it.</returns>
    public Task<IReadOnlyDictionary<long, TenantFailures>> ListFailuresAsync(CancellationToken cancellationToken) =>
        health.ListFailuresAsync(options.FailedAttemptsWarning, cancellationToken);

    /// <summary>Assesses every tenant.</summary>
    /// <param name="now">The database's clock.</param>
    /// <param name="failures">What <see cref="ListFailuresAsync"/> gave.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<TenantHealth>> AssessTenantsAsync(
        DateTimeOffset now, IReadOnlyDictionary<long, TenantFailures> failures, CancellationToken cancellationToken)
    {
        // While the tick is paused, runs wait on purpose.
        var maxWait = await pauses.IsTickPausedAsync(cancellationToken) ? TimeSpan.MaxValue : ticks.MaxWait(now);
        var loads = await health.ListLoadAsync(cancellationToken);
        var worked = (await workerPools.ListAsync(cancellationToken)).Select(server => server.Pool).ToHashSet(StringComparer.Ordinal);
        var outages = (await endpoints.ListAsync(cancellationToken)).ToLookup(outage => outage.TenantId);
        var failing = (await schedules.ListFailingAsync(cancellationToken)).ToLookup(schedule => schedule.TenantId, schedule => schedule.Reason);
        return
        [
            .. loads.Select(load => TenantHealth.Assess(
                load, options.PendingWarning, maxWait, IsPoolWorked(load, worked), failures.GetValueOrDefault(load.TenantId, TenantFailures.None), outages[load.TenantId], failing[load.TenantId])),
        ];
    }

    /// <returns>Whether the tick is paused.</returns>
    public Task<bool> IsTickPausedAsync(CancellationToken cancellationToken) => pauses.IsTickPausedAsync(cancellationToken);

    /// <returns>The paused recurring jobs, a sentence each; empty when none is. Not a warning, because the pause is on purpose.</returns>
    public async Task<IReadOnlyList<string>> ListPausedAsync(CancellationToken cancellationToken)
    {
        var stored = await pauses.ListAsync(cancellationToken);
        return [.. RecurringJobs.All.Where(job => stored.GetValueOrDefault(job.Id)?.IsPaused == true).Select(job => job.PausedText(stored[job.Id]))];
    }

    /// <returns>What is wrong with the server itself, a sentence each; empty when nothing is.</returns>
    /// <remarks>Failed alerts are part of it: an operator who relies on alerts must see here that they are not delivered.</remarks>
    public async Task<IReadOnlyList<string>> AssessServerAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        string?[] reasons =
        [
            await ticks.AssessAsync(now, watchedSince: null, cancellationToken),
            (await alerts.ReadOutageAsync(cancellationToken)).Reason,
            await AssessScheduleTimesAsync(cancellationToken),
        ];
        return [.. reasons.OfType<string>(), .. await AssessEndpointsAsync(cancellationToken)];
    }

    /// <summary>A schedule with an unknown time zone is never due, and nothing else reports it, because no due moment passes.</summary>
    private async Task<string?> AssessScheduleTimesAsync(CancellationToken cancellationToken)
    {
        var unreadable = (await schedules.ListTimesAsync(cancellationToken))
            .Select(times => (Times: times, Problem: ScheduleTimes.FindProblem(times.Cron, times.TimeZone)))
            .Where(each => each.Problem is not null)
            .ToList();
        if (unreadable is not [var first, ..])
            return null;
        var count = unreadable.Sum(each => each.Times.ScheduleCount);
        return count == 1
            ? $"Schedule {first.Times.FirstId} makes no runs: its times cannot be read on this machine. {first.Problem}"
            : $"{count} schedules make no runs: their times cannot be read on this machine. The first is {first.Times.FirstId}. {first.Problem}";
    }

    /// <summary>An endpoint that does not answer several tenants concerns more than each of them.</summary>
    private async Task<IEnumerable<string>> AssessEndpointsAsync(CancellationToken cancellationToken) =>
        (await endpoints.ListAsync(cancellationToken))
            .GroupBy(outage => outage.Endpoint, StringComparer.Ordinal)
            .Where(endpoint => endpoint.Count() >= EndpointOutageRepository.SeveralTenants)
            .Select(endpoint => $"The endpoint {endpoint.Key} does not answer {endpoint.Count()} tenants; their runs wait for it.");

    /// <summary>
    /// A tenant's own pool must have a server. The common pool only if any server runs: without servers, commands do the work,
    /// and if they do not, the missed ticks are reported.
    /// </summary>
    private static bool IsPoolWorked(TenantLoad load, IReadOnlySet<string> worked) =>
        load.WorkerPool is { } own ? worked.Contains(own) : worked.Count == 0 || worked.Contains(Tenant.CommonPool) || load.PendingCount == 0;
}
