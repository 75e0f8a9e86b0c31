using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Jobs.Telemetry;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Telemetry;

public sealed class MetricsTests
{
    private JobHarness _server = null!;
    private MeterCapture _meter = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await JobHarness.StartAsync(new SqliteTestDatabase(), new(StringComparer.Ordinal)
        {
            ["EvalJobs:Telemetry:MaxTenants"] = "2",
            ["EvalJobs:Execution:MaxAttempts"] = "2",
            ["EvalJobs:Dispatch:ContinueWhileBacklog"] = "false",
        });
        _meter = new MeterCapture(_server.Get<EvaluationMetrics>().Meter);
    }

    [TearDown]
    public async Task Stop()
    {
        _meter?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Work_RunCompletes_CountsItAndTimesItsCases()
    {
        await _server.Some.TenantWithRunsAsync(2, cases: 3, slug: "acme");

        await _server.TickAndWorkAsync();

        _meter.Sum("evaljobs.run.claimed", "acme").Should().Be(2);
        _meter.Sum("evaljobs.run.completed", "acme").Should().Be(2);
        _meter.Sum("evaljobs.attempt.failed", "acme").Should().Be(0);
        _meter.Taken("evaljobs.case.duration").Should().HaveCount(6).And.OnlyContain(each => each.Tags["verdict"] == "PASSED" && each.Value >= 0 && each.Value < 60);
    }

    [Test]
    public async Task Work_RunFails_CountsEachAttemptAndTheEndOnce()
    {
        _server.Agent.Answer = (_, _) => throw new InvalidOperationException("down");
        await _server.Some.TenantWithRunsAsync(1, slug: "acme");

        await _server.TickAndWorkAsync();
        _meter.Sum("evaljobs.run.failed", "acme").Should().Be(0, "another attempt follows");
        await _server.TickAndWorkAsync();

        _meter.Sum("evaljobs.run.claimed", "acme").Should().Be(2);
        _meter.Sum("evaljobs.attempt.failed", "acme").Should().Be(2);
        _meter.Sum("evaljobs.run.failed", "acme").Should().Be(1);
    }

    [Test]
    public async Task Work_RunCancelledWhileItRuns_CountsALostLease()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1, slug: "acme");
        _server.Agent.Answer = async (question, _) =>
        {
            await _server.Some.Runs.CancelAsync((await _server.OnlyRunAsync(tenant)).Id, "test", default);
            return question.Input;
        };

        await _server.TickAndWorkAsync();

        _meter.Sum("evaljobs.lease.lost", "acme").Should().Be(1);
    }

    [Test]
    public async Task Tick_EndedWorker_CountsTheRescue()
    {
        await _server.Some.ClaimedRunAsync();
        await _server.Database.PassAsync(Some.Lease * 2);

        await _server.TickAsync();

        _meter.Taken("evaljobs.run.rescued").Where(each => each.Tags["outcome"] == "requeued").Sum(each => each.Value).Should().Be(1);
        _meter.Taken("evaljobs.run.failed").Should().BeEmpty("another attempt follows");
    }

    [Test]
    public async Task Tick_PoisonedRun_CountsAsItsTenantsFailure()
    {
        await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(await _server.Some.TenantWithRunsAsync(1, slug: "acme")));
        await _server.Database.ExecuteAsync("UPDATE EvaluationRun SET DeathCount = 3, IsAlone = 1");
        await _server.Database.PassAsync(Some.Lease * 2);

        await _server.TickAsync();

        _meter.Sum("evaljobs.run.failed", "acme").Should().Be(1);
        _meter.Taken("evaljobs.run.rescued").Where(each => each.Tags["outcome"] == "given_up").Sum(each => each.Value).Should().Be(1);
    }

    [Test]
    public async Task Gauges_MoreTenantsThanTheLimit_ShowTheRestTogether()
    {
        await _server.Some.TenantWithRunsAsync(1, slug: "a");
        await _server.Some.TenantWithRunsAsync(2, slug: "b");
        await _server.Some.TenantWithRunsAsync(3, slug: "c");
        await _server.Some.TenantWithRunsAsync(4, slug: "d");
        await _server.Database.PassAsync(TimeSpan.FromMinutes(2));

        await _server.Get<LoadSampler>().SampleAsync(default);
        _meter.Collect();

        _meter.Taken("evaljobs.run.pending").Select(each => (each.Tags["tenant"], each.Value)).Should().BeEquivalentTo([("a", 1.0), ("b", 2.0), ("(other)", 7.0)]);
        _meter.Taken("evaljobs.run.oldest_pending_age").Should().HaveCount(3).And.OnlyContain(each => each.Value >= 120);
        _meter.Taken("evaljobs.run.running").Should().OnlyContain(each => each.Value == 0);
    }

    [Test]
    public async Task Sampler_NoListener_QueriesNothing()
    {
        await _server.Some.TenantWithRunsAsync(1, slug: "a");
        _meter.Dispose();

        await _server.Get<LoadSampler>().SampleAsync(default);

        using var late = new MeterCapture(_server.Get<EvaluationMetrics>().Meter);
        late.Collect();
        late.Taken("evaljobs.run.pending").Should().BeEmpty("reading the load needs a query");
    }

    [Test]
    public void TenantTags_ManyAtOnce_NeverExceedTheLimit()
    {
        var metrics = _server.Get<EvaluationMetrics>();

        Parallel.For(0, 2000, index => metrics.Claimed($"tenant-{index % 50}"));

        var names = _meter.Taken("evaljobs.run.claimed").Select(each => each.Tags["tenant"]).Distinct(StringComparer.Ordinal).ToList();
        names.Should().HaveCount(3).And.Contain("(other)");
        _meter.Taken("evaljobs.run.claimed").Sum(each => each.Value).Should().Be(2000);
    }

    private sealed class MeterCapture : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, Taken Taken)> _taken = new();

        public MeterCapture(Meter meter)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
            _listener.Start();
        }

        public IEnumerable<Taken> Taken(string instrument) => _taken.Where(each => each.Name == instrument).Select(each => each.Taken);

        public double Sum(string instrument, string tenant) => Taken(instrument).Where(each => each.Tags["tenant"] == tenant).Sum(each => each.Value);

        public void Collect() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();

        private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var named = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (key, tag) in tags)
                named[key] = $"{tag}";
            _taken.Enqueue((instrument.Name, new Taken(value, named)));
        }
    }

    private sealed record Taken(double Value, Dictionary<string, string> Tags);
}
