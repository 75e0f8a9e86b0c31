using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs.Alerts;

/// <summary>Alerts in the whole server, sent by its own background services.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AlertServerTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Server_RunFailsPermanently_PostsToTheWebhookByItself(CancellationToken cancellationToken)
    {
        await using var hook = await WebhookReceiver.StartAsync();
        await using var server = await RunningServer.StartAsync<TDatabase>(("Alerts:Webhooks:ops:Url", hook.Url), ("Execution:MaxAttempts", "1"), ("Agents:OutagePatience", "00:00:00"));
        await server.Some.TenantWithRunsAsync(1, slug: "acme", genome: Some.Genome("""{"type":"http","url":"http://127.0.0.1:9/","replyPath":"reply"}"""));

        await server.TickAsync(cancellationToken);

        while (hook.Posts.IsEmpty)
            await Task.Delay(50, cancellationToken);
        hook.Bodies.First().Should().Contain("Tenant acme: Run ").And.Contain("failed permanently");
        var outbox = server.Services.GetRequiredService<AlertRepository>();
        while ((await outbox.ListAsync(null, AlertStatus.Sent, long.MaxValue, 10, cancellationToken)).Count == 0)
            await Task.Delay(50, cancellationToken);
    }

    [Test]
    public async Task Delivery_ManyReceiversOfMail_UsesFewConnectionsToTheMailServer()
    {
        const int receivers = 7;
        await using var mail = MailReceiver.Start();
        mail.Pause = TimeSpan.FromMilliseconds(200);
        var settings = Enumerable.Range(0, receivers).ToDictionary(
            index => $"EvalJobs:Alerts:Smtp:To:{index}", string? (index) => $"one{index}@example.com", StringComparer.Ordinal);
        settings["EvalJobs:Alerts:Smtp:Host"] = "127.0.0.1";
        settings["EvalJobs:Alerts:Smtp:Port"] = $"{mail.Port}";
        settings["EvalJobs:Alerts:Smtp:Security"] = "None";
        settings["EvalJobs:Alerts:Smtp:From"] = "evaljobs@example.com";
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase(), settings);
        await server.Some.Claims.FailAttemptAsync(await server.Some.ClaimedRunAsync(), "x", 1, TimeSpan.Zero, false, default);

        await server.Get<AlertDelivery>().DeliverAsync(default);

        mail.Mails.Should().HaveCount(receivers);
        mail.MostAtOnce.Should().BeLessThanOrEqualTo(2, "mail servers reject more than a few connections, some the fourth");
    }

    [Test]
    public async Task Delivery_WebhookRejects_ItsUrlIsNeitherLoggedAtAnyLevelNorStored()
    {
        await using var hook = await WebhookReceiver.StartAsync();
        hook.Status = 500;
        hook.AnswerBody = "very-secret answer";
        using var log = new LogCapture();
        await using var server = await JobHarness.StartAsync(
            new TDatabase(), new(StringComparer.Ordinal) { ["EvalJobs:Alerts:Webhooks:ops:Url"] = hook.Url, ["EvalJobs:Alerts:Webhooks:ops:Secret"] = "very-secret-key" }, log);
        await server.Some.Claims.FailAttemptAsync(await server.Some.ClaimedRunAsync(), "x", 1, TimeSpan.Zero, false, default);

        await server.Get<AlertDelivery>().DeliverAsync(default);

        hook.Posts.Should().ContainSingle();
        log.Lines.Should().Contain(line => line.Level == LogLevel.Warning && line.Text.Contains("webhook:ops answered 500"))
            .And.NotContain(line => line.Whole.Contains("very-secret"));
        var alert = (await server.Get<AlertRepository>().ListAsync(null, null, long.MaxValue, 10, default)).Single();
        alert.ToString().Should().Contain("webhook:ops answered 500").And.NotContain("very-secret");
        server.Get<AlertOptions>().ToString().Should().NotContain("very-secret");
    }
}
