using System.Diagnostics;
using System.Diagnostics.Metrics;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Telemetry;

/// <summary>The metrics, by tenant. docs/operate/telemetry.md lists the instruments.</summary>
/// <remarks>Safe for concurrent use. It has almost no cost without a listener.</remarks>
internal sealed class EvaluationMetrics : IDisposable
{
    /// <summary>The name listeners subscribe to.</summary>
    public const string MeterName = "EvalJobs";

    private const string TenantKey = "tenant";

    private readonly TenantTags _tenants;
    private readonly Counter<long> _claimed;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _attemptsFailed;
    private readonly Counter<long> _released;
    private readonly Counter<long> _leasesLost;
    private readonly Counter<long> _rescued;
    private readonly Histogram<double> _caseDuration;
    private readonly UpDownCounter<long> _slotWaits;
    private readonly ObservableGauge<long> _pending;
    private readonly Counter<long> _putOff;
    private volatile IReadOnlyList<TenantLoad> _loads = [];
    private volatile IReadOnlyDictionary<long, int> _outages = new Dictionary<long, int>();

    /// <summary>Creates the instruments.</summary>
    public EvaluationMetrics(TelemetryOptions options)
    {
        _tenants = new TenantTags(options.MaxTenants);
        Meter = new Meter(MeterName);
        _claimed = Meter.CreateCounter<long>("evaljobs.run.claimed", "{run}", "Runs a worker took up, each attempt counted.");
        _completed = Meter.CreateCounter<long>("evaljobs.run.completed", "{run}", "Runs completed.");
        _failed = Meter.CreateCounter<long>("evaljobs.run.failed", "{run}", "Runs failed permanently, by a worker or given up by a tick.");
        _attemptsFailed = Meter.CreateCounter<long>("evaljobs.attempt.failed", "{attempt}", "Attempts that failed, the last one of a failed run included.");
        _released = Meter.CreateCounter<long>("evaljobs.run.released", "{run}", "Runs released unfinished: their turn was over or the server stops.");
        _leasesLost = Meter.CreateCounter<long>("evaljobs.lease.lost", "{lease}", "Runs taken away from a worker: cancelled, or not renewed in time.");
        _rescued = Meter.CreateCounter<long>("evaljobs.run.rescued", "{run}", "Runs with an expired lease that a tick requeued or failed, by outcome.");
        _caseDuration = Meter.CreateHistogram(
            "evaljobs.case.duration", "s", "From question to reply of one case.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] });

        _slotWaits = Meter.CreateUpDownCounter<long>("evaljobs.slot.waiting", "{request}", "Requests that wait for a slot of their endpoint.");
        _pending = Meter.CreateObservableGauge("evaljobs.run.pending", ObservePending, "{run}", "Runs waiting, those in backoff included.");
        Meter.CreateObservableGauge("evaljobs.run.oldest_pending_age", ObserveOldest, "s", "How long the oldest due run has been due; 0 when none is.");
        _putOff = Meter.CreateCounter<long>("evaljobs.batch.put_off", "{batch}", "Batches put off because tenants whose agents do not answer had their share of the workers.");
        Meter.CreateObservableGauge("evaljobs.endpoint.outages", ObserveOutages, "{endpoint}", "Endpoints that do not answer a tenant: its runs wait for them.");
        Meter.CreateObservableGauge("evaljobs.run.running", ObserveRunning, "{run}", "Runs being worked.");
    }

    /// <summary>The meter itself.</summary>
    public Meter Meter { get; }

    /// <summary>Whether someone listens to the gauges: reading the load costs a query.</summary>
    public bool WantsLoad => _pending.Enabled;

    /// <summary>A worker started a run.</summary>
    public void Claimed(string tenant) => _claimed.Add(1, Tag(tenant));

    /// <summary>A run completed.</summary>
    public void Completed(string tenant) => _completed.Add(1, Tag(tenant));

    /// <summary>An attempt failed, and the run with it when no other follows.</summary>
    public void AttemptFailed(string tenant, bool isForGood)
    {
        _attemptsFailed.Add(1, Tag(tenant));
        if (isForGood)
            _failed.Add(1, Tag(tenant));
    }

    /// <summary>A run was released.</summary>
    public void Released(string tenant) => _released.Add(1, Tag(tenant));

    /// <summary>A worker lost the lease of its run.</summary>
    public void LeaseLost(string tenant) => _leasesLost.Add(1, Tag(tenant));

    /// <summary>A tick rescued runs with an expired lease.</summary>
    /// <param name="requeued">How many have another attempt.</param>
    /// <param name="givenUpOf">The tenants whose runs failed permanently, one for each run.</param>
    public void Rescued(int requeued, IReadOnlyList<string> givenUpOf)
    {
        _rescued.Add(requeued, new KeyValuePair<string, object?>("outcome", "requeued"));
        _rescued.Add(givenUpOf.Count, new KeyValuePair<string, object?>("outcome", "given_up"));
        foreach (var tenant in givenUpOf)
            _failed.Add(1, Tag(tenant));
    }

    /// <summary>A case has its result.</summary>
    public void CaseEnded(string tenant, CaseVerdict verdict, long durationMs)
    {
        if (_caseDuration.Enabled)
            _caseDuration.Record(durationMs / 1000.0, new TagList { Tag(tenant), new("verdict", StoredWord.Of(verdict)) });
    }

    /// <summary>A request waits for a slot of its endpoint.</summary>
    public void SlotWaitBegan(string tenant) => _slotWaits.Add(1, Tag(tenant));

    /// <summary>A request no longer waits for a slot.</summary>
    public void SlotWaitEnded(string tenant) => _slotWaits.Add(-1, Tag(tenant));

    /// <summary>A batch was postponed.</summary>
    public void BatchPutOff() => _putOff.Add(1);

    /// <summary>What the gauges show from now on.</summary>
    /// <param name="loads">The load of every tenant.</param>
    /// <param name="outages">The endpoints that do not answer.</param>
    public void LoadIs(IReadOnlyList<TenantLoad> loads, IReadOnlyList<EndpointOutage> outages)
    {
        _outages = outages.CountBy(outage => outage.TenantId).ToDictionary();
        _loads = loads;
    }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> ObservePending() => ByTenant(load => (long)load.PendingCount, Enumerable.Sum);

    private IEnumerable<Measurement<long>> ObserveRunning() => ByTenant(load => (long)load.RunningCount, Enumerable.Sum);

    private IEnumerable<Measurement<long>> ObserveOutages() => ByTenant(load => (long)_outages.GetValueOrDefault(load.TenantId), Enumerable.Sum);

    private IEnumerable<Measurement<double>> ObserveOldest() => ByTenant(load => (load.OldestPendingAgeMs ?? 0) / 1000.0, Enumerable.Max);

    private IEnumerable<Measurement<T>> ByTenant<T>(Func<TenantLoad, T> figure, Func<IEnumerable<T>, T> together) where T : struct =>
        _loads.GroupBy(load => _tenants.Of(load.Slug), StringComparer.Ordinal)
            .Select(group => new Measurement<T>(together(group.Select(figure)), new KeyValuePair<string, object?>(TenantKey, group.Key)));

    private KeyValuePair<string, object?> Tag(string tenant) => new(TenantKey, _tenants.Of(tenant));
}
