using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;
using SmtpServer.Protocol;

namespace EvalJobs.Tests.Jobs.Alerts;

/// <summary>The channels against real HTTP and SMTP servers in this process.</summary>
public sealed class AlertChannelTests
{
    private const string Receiver = "Two <two@example.com>";

    private static readonly Alert Warning = new()
    {
        Id = 7,
        TenantId = 1,
        TenantSlug = "acme",
        Topic = AlertTopic.Health,
        Phase = AlertPhase.Raised,
        Text = "WARNING. 21 runs pending, above <the> \"threshold\" & more.\r\nX-Injected: yes",
        Count = 1,
        CreatedAt = new DateTimeOffset(2026, 11, 25, 1, 2, 3, TimeSpan.Zero),
        RaisedAt = new DateTimeOffset(2026, 11, 25, 1, 2, 3, TimeSpan.Zero),
    };

    private static readonly Alert Recovery = Warning with { Id = 8, Phase = AlertPhase.Cleared, Text = "HEALTHY again." };

    private WebhookReceiver _hook = null!;

    [SetUp]
    public async Task Start() => _hook = await WebhookReceiver.StartAsync();

    [TearDown]
    public async Task Stop() => await _hook.DisposeAsync();

    [Test]
    public async Task Webhook_Generic_PostsAllAlertsAsOneDocument()
    {
        await SendAsync(new WebhookOptions { Url = _hook.Url });

        var (path, text, headers) = _hook.Posts.Should().ContainSingle().Subject;
        path.Should().Be("/hook/very-secret-path");
        headers.ContentType.ToString().Should().Be("application/json; charset=utf-8");
        headers.ContainsKey(WebhookAlertChannel.SignatureHeader).Should().BeFalse("no secret is configured");
        var body = JsonDocument.Parse(text).RootElement;
        body.GetProperty("source").GetString().Should().Be("EvalJobs");
        body.GetProperty("alerts").EnumerateArray().Select(alert => (
            alert.GetProperty("id").GetInt64(), alert.GetProperty("topic").GetString(), alert.GetProperty("phase").GetString(), alert.GetProperty("tenant").GetString()))
            .Should().Equal((7, "HEALTH", "RAISED", "acme"), (8, "HEALTH", "CLEARED", "acme"));
        body.GetProperty("alerts")[0].GetProperty("firstAt").GetString().Should().Be("2026-11-25T01:02:03+00:00");
    }

    [Test]
    public async Task Webhook_AlertOfPromotion_HasDetailsAndTheBodysVersion()
    {
        var promoted = Warning with { Topic = AlertTopic.Promoted, Text = "moved", Data = """{"versionId":9,"to":"CANDIDATE"}""" };
        await new WebhookAlertChannel("ops", new WebhookOptions { Url = _hook.Url }, TimeProvider.System).SendAsync([promoted, Warning], default);
        await new WebhookAlertChannel("chat", new WebhookOptions { Url = _hook.Url, Format = WebhookFormat.Slack }, TimeProvider.System).SendAsync([promoted], default);

        var body = JsonDocument.Parse(_hook.Posts.First().Body).RootElement;
        body.GetProperty("version").GetInt32().Should().Be(1);
        body.GetProperty("alerts")[0].GetProperty("topic").GetString().Should().Be("PROMOTED");
        body.GetProperty("alerts")[0].GetProperty("data").GetProperty("versionId").GetInt64().Should().Be(9);
        body.GetProperty("alerts")[1].GetProperty("data").ValueKind.Should().Be(JsonValueKind.Null);
        JsonDocument.Parse(_hook.Bodies.Last()).RootElement.GetProperty("text").GetString().Should().Be(":white_check_mark: Tenant acme: moved");
    }

    [TestCase("PROMOTED", null)]
    [TestCase("GateFailed", null)]
    [TestCase("run_completed", null)]
    [TestCase("PROMOTIONS", "'PROMOTIONS' is not a topic of alerts; expected HEALTH, TICK, FAILURE, PROMOTED, GATE_FAILED, APPROVAL_WANTED, RUN_COMPLETED.")]
    [TestCase("TEST", "'TEST' is not a topic of alerts; expected HEALTH, TICK, FAILURE, PROMOTED, GATE_FAILED, APPROVAL_WANTED, RUN_COMPLETED.")]
    public void Topics_OfAChannel_AreReadOrRejectedByName(string word, string? error)
    {
        var options = new AlertOptions { Webhooks = new Dictionary<string, WebhookOptions>(StringComparer.Ordinal) { ["ops"] = new() { Url = "https://example.com", Topics = [word] } } };

        var errors = options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)).ToList();

        errors.Select(each => each.ErrorMessage).Should().Equal(error is null ? [] : [error]);
        errors.SelectMany(each => each.MemberNames).Should().Equal(error is null ? [] : ["Webhooks:ops:Topics"]);
        if (error is null)
            options.WantedTopics.Should().Contain([AlertTopic.Failure, StoredWord.Parse<AlertTopic>(word == "GateFailed" ? "GATE_FAILED" : word)], "the log channel still gets warnings");
    }

    [Test]
    public async Task Webhook_Slack_PostsOneTextWithItsMarkupEscaped()
    {
        await SendAsync(new WebhookOptions { Url = _hook.Url, Format = WebhookFormat.Slack });

        var body = JsonDocument.Parse(_hook.Bodies.Single()).RootElement;
        body.EnumerateObject().Select(member => member.Name).Should().Equal("text");
        body.GetProperty("text").GetString().Should().Be(
            ":warning: Tenant acme: WARNING. 21 runs pending, above &lt;the&gt; \"threshold\" &amp; more. X-Injected: yes\n"
            + ":white_check_mark: Tenant acme: HEALTHY again.");
    }

    [Test]
    public async Task Webhook_WithSecret_IsSignedOverTimestampAndBody()
    {
        await SendAsync(new WebhookOptions { Url = _hook.Url, Secret = "key" });

        var (_, body, headers) = _hook.Posts.Single();
        var timestamp = headers[WebhookAlertChannel.TimestampHeader].ToString();
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes("key"), Encoding.UTF8.GetBytes($"{timestamp}.{body}"));
        headers[WebhookAlertChannel.SignatureHeader].ToString().Should().Be($"sha256={Convert.ToHexStringLower(expected)}");
        long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture).Should().BeCloseTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 60);
    }

    [TestCase(302)]
    [TestCase(404)]
    [TestCase(503)]
    public async Task Webhook_AnyOtherStatus_IsAFailureAndARedirectIsNotFollowed(int status)
    {
        _hook.Status = status;

        var failure = await FluentActions.Awaiting(() => SendAsync(new WebhookOptions { Url = _hook.Url })).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Be($"answered {status}");
        _hook.Posts.Should().ContainSingle();
    }

    [Test]
    public async Task Webhook_ConnectionRefused_SaysSoWithoutItsUrl()
    {
        var url = _hook.Url;
        await _hook.DisposeAsync();

        var failure = await FluentActions.Awaiting(() => SendAsync(new WebhookOptions { Url = url })).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Be($"ConnectionError: {SocketError.ConnectionRefused}");
        _hook = await WebhookReceiver.StartAsync();
    }

    [Test]
    public async Task Smtp_ServerAccepts_ArrivesWithOneLinePerAlert()
    {
        await using var server = MailReceiver.Start();

        await Mail(server, SmtpSecurity.None).SendAsync([Warning, Recovery], default);

        var mail = server.Mails.Should().ContainSingle().Subject;
        mail.From.ToString().Should().Be("\"EvalJobs\" <evaljobs@example.com>");
        mail.To.Mailboxes.Select(to => to.Address).Should().Equal(["two@example.com"], "each receiver has their own channel");
        mail.Subject.Should().StartWith("[EvalJobs] 2 alerts: Tenant acme: WARNING. 21 runs pending");
        mail.Headers.Should().NotContain(header => header.Field == "X-Injected").And.Contain(header => header.Field == "Auto-Submitted");
        var lines = mail.TextBody!.TrimEnd().Split('\n');
        lines.Should().HaveCount(2);
        lines[0].Should()
            .Contain("2026-11-25 01:02:03 UTC  HEALTH RAISED  Tenant acme: WARNING.").And.Contain("(alert 7)");
    }

    [Test]
    public async Task Smtp_ServerRejects_ReportsOnlyItsCode()
    {
        await using var server = MailReceiver.Start();
        server.Answer = new SmtpResponse(SmtpReplyCode.SizeLimitExceeded, "mailbox of one@example.com is full");

        var failure = await FluentActions.Awaiting(() => Mail(server, SmtpSecurity.None).SendAsync([Warning], default)).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Be("answered 552 (MessageNotAccepted)");
        server.Mails.Should().BeEmpty();
    }

    [Test]
    public async Task Smtp_StartTlsRequiredButNotOffered_SendsNothingUnencrypted()
    {
        await using var server = MailReceiver.Start();

        var failure = await FluentActions.Awaiting(() => Mail(server, SmtpSecurity.StartTls).SendAsync([Warning], default)).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Be("the server offers no STARTTLS");
        server.Mails.Should().BeEmpty();
    }

    [Test]
    public async Task Smtp_UntrustedCertificate_IsRejected()
    {
        await using var server = MailReceiver.Start(withTls: true);

        var failure = await FluentActions.Awaiting(() => Mail(server, SmtpSecurity.StartTls).SendAsync([Warning], default)).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Contain("TLS handshake");
        server.Mails.Should().BeEmpty();
    }

    [Test]
    public async Task Smtp_ConnectionRefused_SaysSo()
    {
        var server = MailReceiver.Start();
        await server.DisposeAsync();

        var failure = await FluentActions.Awaiting(() => Mail(server, SmtpSecurity.None).SendAsync([Warning], default)).Should().ThrowAsync<AlertChannelException>();

        failure.Which.Message.Should().Be("cannot connect: ConnectionRefused");
    }

    private static async Task SendAsync(WebhookOptions options)
    {
        using var channel = new WebhookAlertChannel("ops", options, TimeProvider.System);
        await channel.SendAsync([Warning, Recovery], default);
    }

    private static SmtpAlertChannel Mail(MailReceiver server, SmtpSecurity security) => new(new SmtpOptions
    {
        Host = "127.0.0.1",
        Port = server.Port,
        Security = security,
        From = "EvalJobs <evaljobs@example.com>",
        To = ["one@example.com", Receiver],
    }, Receiver, new SemaphoreSlim(1));
}
