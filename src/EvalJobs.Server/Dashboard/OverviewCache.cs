using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>The state of every tenant, shared by all browsers, so that its cost does not grow with their number.</summary>
internal sealed class OverviewCache
{
    /// <summary>Ticks shown.</summary>
    private const int TickCount = 5;

    private readonly HealthAssessment _health;
    private readonly DispatchRepository _dispatches;
    private readonly OverviewRepository _overview;
    private readonly TickSchedule _schedule;
    private readonly SharedSnapshot<OverviewSnapshot> _state;
    private readonly SharedSnapshot<DayReading> _day;

    /// <summary>Reads nothing until it is used.</summary>
    public OverviewCache(
        HealthAssessment health, DispatchRepository dispatches, OverviewRepository overview, DispatchOptions dispatchOptions, TimeProvider clock)
    {
        _health = health;
        _dispatches = dispatches;
        _overview = overview;
        _schedule = new TickSchedule(dispatchOptions.Cron);

        // The cost of the last day grows with its runs, that of the present only with tenants and pending runs.
        _state = new(ReadStateAsync, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15), clock);
        _day = new(ReadDayAsync, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), clock);
    }

    /// <returns>The state a few seconds ago.</returns>
    public Task<OverviewSnapshot> GetAsync() => _state.GetAsync();

    /// <returns>The figures of the menu entries, at once; zeros until they were read once.</returns>
    public BadgeCounts Badges(Viewer viewer) => _state.Peek()?.SeenBy(viewer).Badges ?? default;

    /// <summary>Something was just changed: the next page shows it.</summary>
    public void Invalidate()
    {
        _day.Invalidate();
        _state.Invalidate();
    }

    private async Task<OverviewSnapshot> ReadStateAsync()
    {
        var day = await _day.GetAsync();
        var now = await _health.ReadClockAsync(CancellationToken.None);
        var ticks = await _dispatches.ListAsync(TickCount, CancellationToken.None);
        var tenants = (await _health.AssessTenantsAsync(now, day.Failures, CancellationToken.None))
            .Select(health => new TenantState(health, day.Flow.GetValueOrDefault(health.Load.TenantId) ?? []));
        return new OverviewSnapshot(
            now, TenantState.WorstFirst(tenants), ticks, _schedule.NextAfter(now), await _health.AssessServerAsync(now, CancellationToken.None),
            await _health.ListPausedAsync(CancellationToken.None), await _health.IsTickPausedAsync(CancellationToken.None));
    }

    private async Task<DayReading> ReadDayAsync() => new(
        (await _overview.ListDayFlowAsync(CancellationToken.None))
            .GroupBy(hour => hour.TenantId)
            .ToDictionary(tenant => tenant.Key, tenant => (IReadOnlyList<DayFlow>)[.. tenant]),
        await _health.ListFailuresAsync(CancellationToken.None));

    private sealed record DayReading(IReadOnlyDictionary<long, IReadOnlyList<DayFlow>> Flow, IReadOnlyDictionary<long, TenantFailures> Failures);
}
