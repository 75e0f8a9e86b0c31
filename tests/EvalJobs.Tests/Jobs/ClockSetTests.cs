using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>The database's clock is changed while servers run: after a virtual machine resumes, by NTP, or by hand.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ClockSetTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JumpingClock _clock = null!;
    private JobHarness _server = null!;

    [SetUp]
    public async Task Start()
    {
        _clock = new JumpingClock();
        _server = await JobHarness.StartAsync(new TDatabase(), clock: _clock);
    }

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [TestCase(0, 0)]
    [TestCase(3, 0, Description = "small corrections are normal")]
    [TestCase(-3, 0)]
    [TestCase(150, 150)]
    [TestCase(-150, -150)]
    [TestCase(-86400, -86400)]
    public async Task ReadAsync_ClockWasSet_ReportsByHowMuch(int seconds, int step)
    {
        var clock = _server.Get<ClockWatch>();
        (await clock.ReadAsync(default)).SetBy.Should().Be(TimeSpan.Zero, "there is nothing to compare the first reading with");

        _clock.SetMachine(TimeSpan.FromSeconds(seconds));

        var setBy = (await clock.ReadAsync(default)).SetBy;
        setBy.TotalSeconds.Should().BeApproximately(step, 10);
        (await clock.ReadAsync(default)).SetBy.Should().Be(setBy, "the clock was set once");
    }

    [Test]
    public async Task TickWatch_ClockSetBack_AlertsUntilTheNextTick()
    {
        var watch = _server.Get<TickWatch>();
        await _server.TickAsync();
        (await watch.CheckAsync(default)).Should().BeNull();

        _clock.SetMachine(TimeSpan.FromSeconds(-150));

        (await watch.CheckAsync(default)).Should().Be(AlertPhase.Raised);
        (await watch.CheckAsync(default)).Should().BeNull("it was alerted already");
        await _server.TickAsync();
        (await watch.CheckAsync(default)).Should().Be(AlertPhase.Cleared);
        (await _server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 10, default)).Should().Contain(alert => alert.Text.Contains("set back by 0.00:02:"));
    }

    [Test]
    public async Task TickWatch_AnotherReaderSawTheClockSetBack_Alerts()
    {
        var watch = _server.Get<TickWatch>();
        await watch.CheckAsync(default);
        _clock.SetMachine(TimeSpan.FromSeconds(-150));

        await _server.TickAsync();

        (await watch.CheckAsync(default)).Should().Be(AlertPhase.Raised);
    }

    [Test]
    public async Task TickAssessment_LatestTickIsInTheFuture_SaysThatTheClockWasSetBack()
    {
        await _server.TickAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(-30));
        var now = await _server.Get<TenantHealthRepository>().ReadClockAsync(default);

        (await _server.Get<TickAssessment>().AssessAsync(now, null, default)).Should().Contain("set back");
    }

    [Test]
    public async Task Tick_ClockSetForward_DoesNotRequeueLiveRuns()
    {
        await _server.TickAsync();
        var run = await _server.Some.ClaimedRunAsync();
        await _server.Database.PassAsync(Some.Lease * 2);
        _clock.SetMachine(Some.Lease * 2);

        var tick = await _server.TickAsync();

        tick.RequeuedCount.Should().Be(0, "its process has had no time to renew the lease");
        (await _server.Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Running && each.DeathCount == 0);
        _clock.SetMachine(Some.Lease * -2);
        (await _server.TickAsync()).RequeuedCount.Should().Be(1, "that process has really ended");
    }

    [Test]
    public async Task Tick_ClockSetBack_WorksRunsCreatedBefore()
    {
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        await _server.Database.PassAsync(TimeSpan.FromHours(-3));
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}EvaluationRun SET CreatedAt = DueAt");

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Status.Should().Be(RunStatus.Completed);
    }
}
