using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs.Alerts;

/// <summary>Which alerts are stored in the outbox: neither too many nor too few.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AlertOutboxTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(15);

    private JobHarness _server = null!;

    [SetUp]
    public async Task Start() => _server = await JobHarness.StartAsync(new TDatabase());

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task HealthCheck_FlappingAroundTheThreshold_AlertsOnceUntilHealthyForLong()
    {
        var tenant = await _server.Some.TenantAsync("acme", new TenantLimits(PendingWarningThreshold: 1));
        await _server.Some.SuiteAsync(tenant);
        var runs = new List<EvaluationRun> { await _server.Some.PendingRunAsync(tenant) };
        await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);
        for (var round = 0; round < 4; round++)
        {
            runs.Add(await _server.Some.PendingRunAsync(tenant));
            await CheckAsync();
            await _server.Some.Runs.CancelAsync(runs[^1].Id, "test", default);
            await CheckAsync();
        }

        (await PhasesAsync()).Should().Equal(["HEALTH RAISED"], "each return to HEALTHY lasted 15 minutes, less than RecoverAfter");

        await CheckAsync();
        await CheckAsync();
        await CheckAsync();

        (await PhasesAsync()).Should().Equal("HEALTH RAISED", "HEALTH CLEARED");
        (await AlertsAsync())[0].Sentence.Should().StartWith("Tenant acme: WARNING. 2 runs pending, above the warning threshold of 1.");
    }

    [Test]
    public async Task HealthCheck_WarningContinues_RemindsOncePerInterval()
    {
        var tenant = await _server.Some.TenantAsync(limits: new TenantLimits(PendingWarningThreshold: 0));
        await _server.Some.SuiteAsync(tenant);
        await _server.Some.PendingRunAsync(tenant);

        for (var quarter = 0; quarter < 26; quarter++)
            await CheckAsync();

        (await PhasesAsync()).Should().Equal(["HEALTH RAISED", "HEALTH REMINDER"], "six and a half hours contain one reminder");
    }

    [Test]
    public async Task HealthCheck_WarnAfter_ShortWarningIsNotAlerted()
    {
        await using var server = await JobHarness.StartAsync(new TDatabase(), new(StringComparer.Ordinal) { ["EvalJobs:Alerts:WarnAfter"] = "00:20:00" });
        var tenant = await server.Some.TenantAsync(limits: new TenantLimits(PendingWarningThreshold: 0));
        await server.Some.SuiteAsync(tenant);
        await server.Some.PendingRunAsync(tenant);

        await server.Get<HealthCheckJob>().RunAsync(default);
        (await server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 10, default)).Should().BeEmpty();
        await server.Database.PassAsync(TimeSpan.FromMinutes(21));
        await server.Get<HealthCheckJob>().RunAsync(default);
        (await server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 10, default)).Should().ContainSingle();
    }

    [Test]
    public async Task HealthCheck_HealthyFromTheStart_AlertsOfNothing()
    {
        await _server.Some.TenantAsync();

        await CheckAsync();
        await CheckAsync();

        (await AlertsAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task FailAttempt_Permanently_AlertsInTheSameTransaction()
    {
        var run = await _server.Some.ClaimedRunAsync();

        await _server.Some.Claims.FailAttemptAsync(run, "a private reply", 1, TimeSpan.Zero, false, default);

        var alert = (await AlertsAsync()).Should().ContainSingle().Subject;
        alert.Should().BeEquivalentTo(new { Topic = AlertTopic.Failure, Phase = AlertPhase.Raised, run.TenantId, Count = 1, Status = AlertStatus.Pending });
        alert.Text.Should().Contain($"Run {run.Id}").And.NotContain("private", "an error may quote a reply");
    }

    [Test]
    public async Task FailAttempt_LeaseLost_AlertsOfNothing()
    {
        var run = await _server.Some.ClaimedRunAsync();
        await _server.Some.Claims.ReleaseAsync(run, default);

        await FluentActions.Awaiting(() => _server.Some.Claims.FailAttemptAsync(run, "late", 1, TimeSpan.Zero, false, default))
            .Should().ThrowAsync<LeaseLostException>();

        (await AlertsAsync()).Should().BeEmpty("the alert is stored only if the change is");
    }

    [Test]
    public async Task FailAttempt_ToBeRetried_AlertsOfNothing()
    {
        await _server.Some.Claims.FailAttemptAsync(await _server.Some.ClaimedRunAsync(), "once", 3, TimeSpan.Zero, false, default);

        (await AlertsAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Rescue_Poison_Alerts()
    {
        var run = await _server.Some.ClaimedRunAsync();
        await _server.Some.Claims.MarkAloneAsync(run, default);
        await _server.Database.PassAsync(Some.Lease * 2);

        await _server.Some.RescueAsync(1, TimeSpan.Zero);

        (await AlertsAsync()).Should().ContainSingle().Which.Text.Should().Contain($"Run {run.Id}");
    }

    [Test]
    public async Task Failures_ManyOfOneTenant_BecomeOneAlertNowAndOneAtTheWindowsEnd()
    {
        var window = TimeSpan.FromMinutes(15);
        var tenant = await _server.Some.TenantWithRunsAsync(12);
        var runs = await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant), 12);
        var outbox = _server.Get<AlertRepository>();

        await FailAsync(runs[0]);
        var first = await outbox.ClaimAsync("a", TimeSpan.FromMinutes(1), window, 50, default);
        foreach (var run in runs.Skip(1))
            await FailAsync(run);
        var during = await outbox.ClaimAsync("a", TimeSpan.FromMinutes(1), window, 50, default);
        first.Should().ContainSingle().Which.Count.Should().Be(1, "the first failure is alerted at once");
        during.Should().BeEmpty("the window has just begun");
        (await outbox.EndAsync(first[0], default)).Should().BeTrue();

        await _server.Database.PassAsync(window + TimeSpan.FromSeconds(1));
        var after = await outbox.ClaimAsync("a", TimeSpan.FromMinutes(1), window, 50, default);

        var gathered = after.Should().ContainSingle().Subject;
        gathered.Count.Should().Be(11);
        gathered.Sentence.Should().Contain("11 times").And.Contain($"Run {runs[^1].Id}");
    }

    [Test]
    public async Task Failures_OfTwoTenants_AreAlertedSeparately()
    {
        await _server.Some.Claims.FailAttemptAsync(await _server.Some.ClaimedRunAsync(), "x", 1, TimeSpan.Zero, false, default);
        await _server.Some.Claims.FailAttemptAsync(await _server.Some.ClaimedRunAsync(), "x", 1, TimeSpan.Zero, false, default);

        (await AlertsAsync()).Select(alert => alert.TenantId).Should().OnlyHaveUniqueItems().And.HaveCount(2);
    }

    [Test]
    public async Task TickWatch_TicksStopAndContinue_AlertsOnceOfEachAndRemindsBetween()
    {
        await _server.TickAsync();
        var watch = _server.Get<TickWatch>();
        (await watch.CheckAsync(default)).Should().BeNull("a tick has just run");

        await _server.Database.PassAsync(TimeSpan.FromMinutes(20));
        (await watch.CheckAsync(default)).Should().BeNull("the time before the watch began does not count");
        (await CheckLaterAsync()).Should().Be(AlertPhase.Raised);
        (await CheckLaterAsync()).Should().BeNull("it was alerted already");
        await _server.Database.PassAsync(TimeSpan.FromHours(7));
        (await CheckLaterAsync()).Should().Be(AlertPhase.Reminder);
        await _server.TickAsync();
        (await CheckLaterAsync()).Should().Be(AlertPhase.Cleared);
        (await CheckLaterAsync()).Should().BeNull();

        (await PhasesAsync()).Should().Equal("TICK RAISED", "TICK REMINDER", "TICK CLEARED");
        (await AlertsAsync())[0].Text.Should().Contain("tick was missed");
    }

    [Test]
    public async Task JudgeTick_ManyServersNoticeAtOnce_OneAlerts()
    {
        var outbox = _server.Get<AlertRepository>();

        var said = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => outbox.UpdateTickAlertAsync("missed", new TickAlertRule(TimeSpan.FromHours(6)), default))));

        said.Where(phase => phase is not null).Should().ContainSingle();
    }

    [Test]
    public async Task DeleteOld_EndedLongAgo_DeletesOnlyThose()
    {
        var outbox = _server.Get<AlertRepository>();
        await outbox.UpdateTickAlertAsync("missed", new TickAlertRule(TimeSpan.FromHours(6)), default);
        await outbox.EndAsync((await outbox.ClaimAsync("a", TimeSpan.FromMinutes(1), TimeSpan.Zero, 50, default)).Single(), default);
        await _server.Database.PassAsync(TimeSpan.FromDays(20));
        await outbox.UpdateTickAlertAsync(null, new TickAlertRule(TimeSpan.FromHours(6)), default);
        await _server.Database.PassAsync(TimeSpan.FromDays(20));

        (await outbox.DeleteOldAsync(30, default)).Should().Be(1);

        (await AlertsAsync()).Should().ContainSingle("one that was never sent is kept").Which.Phase.Should().Be(AlertPhase.Cleared);
    }

    private async Task CheckAsync()
    {
        await _server.Get<HealthCheckJob>().RunAsync(default);
        await _server.Database.PassAsync(CheckInterval);
    }

    /// <summary>The result of a watch that has been running for a long time: its own memory is not in the database.</summary>
    private async Task<AlertPhase?> CheckLaterAsync()
    {
        var now = await _server.Get<TenantHealthRepository>().ReadClockAsync(default);
        var warning = await _server.Get<TickAssessment>().AssessAsync(now, watchedSince: null, default);
        return await _server.Get<AlertRepository>().UpdateTickAlertAsync(warning, new TickAlertRule(TimeSpan.FromHours(6)), default);
    }

    private Task FailAsync(EvaluationRun run) => _server.Some.Claims.FailAttemptAsync(run, "x", 1, TimeSpan.Zero, false, default);

    /// <summary>The alerts, oldest first.</summary>
    private async Task<List<Alert>> AlertsAsync() =>
        [.. (await _server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 100, default)).Reverse()];

    private async Task<IEnumerable<string>> PhasesAsync() =>
        (await AlertsAsync()).Select(alert => $"{StoredWord.Of(alert.Topic)} {StoredWord.Of(alert.Phase)}");
}
