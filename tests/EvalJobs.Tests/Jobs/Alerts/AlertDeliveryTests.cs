using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Jobs.Alerts;

/// <summary>Each alert is delivered at least once to every channel, whatever fails in between, or its failure is listed.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AlertDeliveryTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private static readonly AlertOptions Options = new();

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
    public async Task Deliver_EveryChannelAccepts_IsSentOnceInOneMessage()
    {
        var (log, hook) = (new ScriptedChannel("log"), new ScriptedChannel("webhook:ops"));
        await RaiseAsync(3);

        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(3);
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(0);

        log.Messages.Should().ContainSingle("alerts that wait together are sent together").Which.Should().HaveCount(3);
        hook.Messages.Should().ContainSingle().Which.Should().HaveCount(3);
        (await AlertsAsync()).Should().OnlyContain(alert => alert.Status == AlertStatus.Sent && alert.EndedAt != null && alert.LastError == null);
    }

    [Test]
    public async Task Deliver_OneChannelRejects_OnlyItGetsTheAlertAgainWithGrowingWait()
    {
        var (log, hook) = (new ScriptedChannel("log"), new ScriptedChannel("webhook:ops") { Error = "answered 503" });
        await RaiseAsync(1);

        await Delivery(log, hook).DeliverAsync(default);
        (await AlertsAsync()).Single().Should().Match<Alert>(
            alert => alert.Status == AlertStatus.Pending && alert.LastError == "webhook:ops answered 503" && alert.SentTo == """["log"]""");
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(0, "the wait has just begun");
        await _server.Database.PassAsync(TimeSpan.FromSeconds(31));
        await Delivery(log, hook).DeliverAsync(default);
        await _server.Database.PassAsync(TimeSpan.FromSeconds(31));
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(0, "the second wait is a minute");
        await _server.Database.PassAsync(TimeSpan.FromSeconds(31));
        hook.Error = null;
        await Delivery(log, hook).DeliverAsync(default);

        log.Messages.Should().ContainSingle();
        hook.Messages.Should().HaveCount(3);
        (await AlertsAsync()).Single().Status.Should().Be(AlertStatus.Sent);
    }

    [Test]
    public async Task Deliver_WarningEndsWhileItsAlertIsStillRejected_EveryChannelGetsBothInOrder()
    {
        var (log, hook) = (new ScriptedChannel("log"), new ScriptedChannel("webhook:ops") { Error = "answered 503" });
        var alerts = _server.Get<AlertRepository>();
        await alerts.UpdateTickAlertAsync("A tick was missed.", new TickAlertRule(TimeSpan.FromHours(6)), default);
        await Delivery(log, hook).DeliverAsync(default);
        await _server.Database.PassAsync(TimeSpan.FromSeconds(31));
        await Delivery(log, hook).DeliverAsync(default);
        hook.Error = null;

        await alerts.UpdateTickAlertAsync(null, new TickAlertRule(TimeSpan.FromHours(6)), default);
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(2, "the backoff of the first alert has not ended");

        Phases(log).Should().Equal(["RAISED", "CLEARED"], "a channel that accepted the first at once gets only the second");
        Phases(hook).TakeLast(2).Should().Equal(["RAISED", "CLEARED"], "a receiver that gets the warning last would think that it continues");
        (await AlertsAsync()).Should().OnlyContain(alert => alert.Status == AlertStatus.Sent);

        static IEnumerable<string> Phases(ScriptedChannel channel) =>
            channel.Messages.SelectMany(message => message).Select(alert => StoredWord.Of(alert.Phase));
    }

    [Test]
    public async Task Deliver_AnotherSenderHasTheEarlierAlert_TheLaterWaitsForIt()
    {
        var alerts = _server.Get<AlertRepository>();
        var hook = new ScriptedChannel("webhook:ops");
        await alerts.UpdateTickAlertAsync("A tick was missed.", new TickAlertRule(TimeSpan.FromHours(6)), default);
        var earlier = (await alerts.ClaimAsync("other:1:x", TimeSpan.FromMinutes(1), Options.FailureWindow, 50, default)).Single();
        await alerts.UpdateTickAlertAsync(null, new TickAlertRule(TimeSpan.FromHours(6)), default);
        await RaiseAsync(1);

        (await Delivery(hook).DeliverAsync(default)).Should().Be(1, "an alert about something else does not wait");
        await alerts.EndAsync(earlier, default);
        (await Delivery(hook).DeliverAsync(default)).Should().Be(1);

        hook.Messages.SelectMany(message => message).Select(alert => (alert.Topic, alert.Phase)).Should().Equal(
            (AlertTopic.Failure, AlertPhase.Raised), (AlertTopic.Tick, AlertPhase.Cleared));
    }

    [Test]
    public async Task Check_AnotherSenderHasTheEarlierAlert_FindsNothingToClaim()
    {
        var alerts = _server.Get<AlertRepository>();
        await alerts.UpdateTickAlertAsync("A tick was missed.", new TickAlertRule(TimeSpan.FromHours(6)), default);
        await alerts.ClaimAsync("other:1:x", TimeSpan.FromMinutes(1), Options.FailureWindow, 50, default);
        await alerts.UpdateTickAlertAsync(null, new TickAlertRule(TimeSpan.FromHours(6)), default);

        (await DueAsync()).Should().Be(0, "a claim would find nothing and would take the write lock every few seconds");
        await _server.Database.PassAsync(TimeSpan.FromMinutes(2));
        (await DueAsync()).Should().Be(1);

        Task<int> DueAsync() => _server.Database.Database.QuerySingleOrDefaultAsync<int>(SqlQuery.HasDueAlerts, new { WindowMs = 0 }, default);
    }

    [Test]
    public async Task Claim_AnotherSenderHasAnEarlierFailure_TheLaterDoesNotWait()
    {
        var alerts = _server.Get<AlertRepository>();
        var runs = await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(await _server.Some.TenantWithRunsAsync(2)));
        await _server.Some.Claims.FailAttemptAsync(runs[0], "x", 1, TimeSpan.Zero, false, default);
        await alerts.ClaimAsync("other:1:x", TimeSpan.FromMinutes(10), Options.FailureWindow, 50, default);
        await _server.Some.Claims.FailAttemptAsync(runs[1], "x", 1, TimeSpan.Zero, false, default);

        (await alerts.ClaimAsync("a", TimeSpan.FromMinutes(1), Options.FailureWindow, 50, default)).Should().BeEmpty("the window has just begun");
        (await alerts.ClaimAsync("a", TimeSpan.FromMinutes(1), TimeSpan.Zero, 50, default)).Should().ContainSingle("alerts of failures need no order");
    }

    [Test]
    public async Task Claim_WhileAnotherSenderIsClaiming_TakesItsTurn()
    {
        await RaiseAsync(2);
        Task<IReadOnlyList<Alert>>? second = null;

        var first = await _server.Database.Database.WriteAsync(async db =>
        {
            var ids = await db.QueryAsync<long>(SqlQuery.ClaimAlerts, new { Owner = "first", LeaseMs = 60_000, WindowMs = 0, Limit = 1 });
            second ??= Task.Run(() => _server.Get<AlertRepository>().ClaimAsync("second", TimeSpan.FromMinutes(1), TimeSpan.Zero, 50, default));
            await Task.WhenAny(second, Task.Delay(500));
            second.IsCompleted.Should().BeFalse("the alerts may change until the first sender has claimed");
            return ids;
        }, default);

        (await second!).Select(alert => alert.Id).Should().ContainSingle().Which.Should().NotBe(first.Single());
    }

    [Test]
    public async Task Deliver_MailedBeforeEachReceiverWasAChannel_IsNotMailedAgain()
    {
        var (log, one, two) = (new ScriptedChannel("log"), new ScriptedChannel("smtp:one@example.com"), new ScriptedChannel("smtp:two@example.com"));
        var hook = new ScriptedChannel("webhook:ops");
        await RaiseAsync(1);
        var claim = (await _server.Get<AlertRepository>().ClaimAsync("before:1:x", TimeSpan.FromMinutes(1), Options.FailureWindow, 50, default)).Single();
        await _server.Get<AlertRepository>().SetSentToAsync(claim, ["log", "smtp"], default);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(2));

        await Delivery(log, hook, one, two).DeliverAsync(default);

        hook.Messages.Should().ContainSingle();
        log.Messages.Concat(one.Messages).Concat(two.Messages).Should().BeEmpty("every receiver had it when mail was one channel");
        (await AlertsAsync()).Single().Status.Should().Be(AlertStatus.Sent);
    }

    [Test]
    public async Task Deliver_ProcessEndsBetweenSendingAndStoring_SendsAgainExactlyOnce()
    {
        var (log, hook) = (new ScriptedChannel("log"), new ScriptedChannel("webhook:ops"));
        await RaiseAsync(1);

        // The sender ended after it had stored the delivery to the log and before that to the webhook: only its lease is left.
        var dead = (await _server.Get<AlertRepository>().ClaimAsync("dead:1:x", TimeSpan.FromMinutes(1), Options.FailureWindow, 50, default)).Single();
        await log.SendAsync([dead], default);
        await _server.Get<AlertRepository>().SetSentToAsync(dead, ["log"], default);
        await hook.SendAsync([dead], default);

        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(0, "its lease has not expired");
        await _server.Database.PassAsync(TimeSpan.FromMinutes(2));
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(1);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(2));
        (await Delivery(log, hook).DeliverAsync(default)).Should().Be(0);

        log.Messages.Should().ContainSingle("a stored delivery is not repeated");
        hook.Messages.Should().HaveCount(2);
        (await _server.Get<AlertRepository>().EndAsync(dead, default)).Should().BeFalse("the fence stops the ended sender's claim");
        (await _server.Get<AlertRepository>().SetSentToAsync(dead, [], default)).Should().BeFalse();
        (await _server.Get<AlertRepository>().RetryAsync(dead, TimeSpan.Zero, TimeSpan.FromDays(1), "x", default)).Should().BeNull();
    }

    [Test]
    public async Task Deliver_ManySendersAtOnce_EachAlertIsSentOnce()
    {
        var channel = new ScriptedChannel("log");
        await RaiseAsync(30);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Delivery(channel).DeliverAsync(default))));

        channel.Messages.SelectMany(message => message).Select(alert => alert.Id).Should().HaveCount(30).And.OnlyHaveUniqueItems();
    }

    [Test]
    public async Task Deliver_RejectedForTooLong_IsGivenUpAndListed()
    {
        var hook = new ScriptedChannel("webhook:ops") { Error = "answered 404" };
        await RaiseAsync(1);

        await Delivery(hook).DeliverAsync(default);
        var delayed = await _server.Get<HealthCheckJob>().RunAsync(default);
        await _server.Database.PassAsync(TimeSpan.FromHours(25));
        await Delivery(hook).DeliverAsync(default);
        await Delivery(hook).DeliverAsync(default);

        hook.Messages.Count(alerts => alerts.Any(alert => alert.Topic == AlertTopic.Failure)).Should().Be(2, "an old alert gets one last attempt");
        (await AlertsAsync()).Single(alert => alert.Topic == AlertTopic.Failure).Should().Match<Alert>(
            alert => alert.Status == AlertStatus.Failed && alert.LastError == "webhook:ops answered 404" && alert.EndedAt != null);
        delayed.Reasons.Should().Contain(reason => reason.Contains("1 being tried again") && reason.Contains("webhook:ops answered 404"));
        (await _server.Get<HealthCheckJob>().RunAsync(default)).Reasons.Should().Contain(reason => reason.Contains("2 given up in the last day"), "the run and the tenant whose health became WARNING");
    }

    [Test]
    public async Task Deliver_ChannelNeverAnswers_IsAFailureAfterTheTimeout()
    {
        var (log, hook) = (new ScriptedChannel("log"), new ScriptedChannel("webhook:ops") { NeverAnswers = true });
        await RaiseAsync(1);

        await Delivery(Options with { SendTimeout = TimeSpan.FromSeconds(1) }, log, hook).DeliverAsync(default);

        log.Messages.Should().ContainSingle("a channel that does not answer delays no other");
        (await AlertsAsync()).Single().LastError.Should().Contain("no answer within 00:00:01");
    }

    [Test]
    public async Task Deliver_ChannelThrowsAnUnexpectedException_ReportsOnlyItsType()
    {
        var hook = new ScriptedChannel("webhook:ops") { Thrown = new InvalidOperationException("https://hooks.example/very-secret") };
        await RaiseAsync(1);

        await Delivery(hook).DeliverAsync(default);

        (await AlertsAsync()).Single().LastError.Should().Be("webhook:ops failed: InvalidOperationException");
    }

    [Test]
    public async Task Deliver_ServerStops_AlertIsSentAgain()
    {
        var hook = new ScriptedChannel("webhook:ops") { NeverAnswers = true };
        await RaiseAsync(1);
        using var stop = new CancellationTokenSource();

        var sending = Delivery(hook).DeliverAsync(stop.Token);
        while (hook.Messages.Count == 0)
            await Task.Delay(20);
        await stop.CancelAsync();
        await sending;

        (await AlertsAsync()).Single().Should().Match<Alert>(alert => alert.Status == AlertStatus.Pending && alert.LastError!.Contains("the server stopped"));
    }

    [Test]
    public async Task DeliverAsync_TopicThatAChannelDoesNotHave_GoesToTheOthersOnly()
    {
        await _server.Get<EvaluationDatabase>().WriteAsync(db => db.AlertAsync(new AlertDraft(null, AlertTopic.Promoted, AlertPhase.Raised, "promoted", new { versionId = 7 })), default);
        await RaiseAsync(1);
        var (quiet, curious) = (new ScriptedChannel("quiet"), new ScriptedChannel("curious") { Topics = AlertTopics.Read(["PROMOTED"]) });

        await Delivery(quiet, curious).DeliverAsync(default);

        quiet.Messages.Should().ContainSingle().Which.Select(alert => alert.Topic).Should().Equal(AlertTopic.Failure);
        curious.Messages.Should().ContainSingle().Which.Should().ContainSingle().Which.Should().Match<Alert>(alert => alert.Topic == AlertTopic.Promoted && alert.Data == "{\"versionId\":7}");
        (await AlertsAsync()).Should().OnlyContain(alert => alert.Status == AlertStatus.Sent);
    }

    private AlertDelivery Delivery(params IAlertChannel[] channels) => Delivery(Options, channels);

    /// <summary>A sender with its own identity, like another process.</summary>
    private AlertDelivery Delivery(AlertOptions options, params IAlertChannel[] channels) => new(
        _server.Get<AlertRepository>(), channels, options, new ProcessIdentity(), TimeProvider.System, NullLogger<AlertDelivery>.Instance);

    /// <summary>This number of tenants with a permanently failed run.</summary>
    private async Task RaiseAsync(int alerts)
    {
        for (var index = 0; index < alerts; index++)
            await _server.Some.Claims.FailAttemptAsync(await _server.Some.ClaimedRunAsync(), "x", 1, TimeSpan.Zero, false, default);
    }

    private Task<IReadOnlyList<Alert>> AlertsAsync() => _server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 100, default);

    private sealed class ScriptedChannel(string name) : IAlertChannel
    {
        private readonly Lock _gate = new();

        public string Name => name;

        public IReadOnlySet<AlertTopic> Topics { get; init; } = Alert.WarningTopics;

        public string? Error { get; set; }

        public Exception? Thrown { get; init; }

        public bool NeverAnswers { get; init; }

        public List<IReadOnlyList<Alert>> Messages { get; } = [];

        public async Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
        {
            lock (_gate)
                Messages.Add(alerts);
            if (NeverAnswers)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            if (Thrown is not null)
                throw Thrown;
            if (Error is not null)
                throw new AlertChannelException(Error);
        }
    }
}
