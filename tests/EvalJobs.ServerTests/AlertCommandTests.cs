using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>Alerts as an operator uses them: commands against real servers. No output contains a secret.</summary>
public sealed class AlertCommandTests
{
    private Cli _cli = null!;
    private WebhookReceiver _hook = null!;
    private MailReceiver _mail = null!;

    [SetUp]
    public async Task Start()
    {
        _cli = new Cli();
        _hook = await WebhookReceiver.StartAsync();
        _mail = MailReceiver.Start();
        Set("Webhooks__ops__Url", _hook.Url);
        Set("Webhooks__ops__Format", "Slack");
        Set("Smtp__Host", "127.0.0.1");
        Set("Smtp__Port", $"{_mail.Port}");
        Set("Smtp__Security", "None");
        Set("Smtp__From", "evaljobs@example.com");
        Set("Smtp__To__0", "oncall@example.com");
    }

    [TearDown]
    public async Task Stop()
    {
        await _hook.DisposeAsync();
        await _mail.DisposeAsync();
        _cli.Dispose();
    }

    [Test]
    public async Task Test_EveryChannelAccepts_ReportsItAndArrivesEverywhere()
    {
        var answer = await _cli.RunProcessAsync("alerts", "test", "--json");

        answer.ExitCode.Should().Be(0);
        answer.Json.EnumerateArray().Select(channel => channel.GetProperty("channel").GetString()).Should().Equal("log", "webhook:ops", "smtp:oncall@example.com");
        _hook.Bodies.Should().ContainSingle().Which.Should().Contain("This is a test");
        _mail.Mails.Should().ContainSingle().Which.Subject.Should().Contain("This is a test");
        answer.Error.Should().Contain("This is a test", "the log is a channel too");
    }

    [Test]
    public async Task Test_OneChannelRejects_NamesItAndExitsWithOneWithoutItsUrl()
    {
        _hook.Status = 403;

        var answer = await _cli.RunAsync("alerts", "test");

        answer.ExitCode.Should().Be(1);
        answer.Output.Should().Contain("webhook:ops").And.Contain("answered 403");
        (answer.Output + answer.Error).Should().NotContain("very-secret").And.NotContain("127.0.0.1");
        _mail.Mails.Should().ContainSingle("a rejected recipient does not stop the others");
    }

    [Test]
    public async Task Test_OneReceiverOfMailIsUnknown_NamesItAndTheOthersGetTheirMail()
    {
        Set("Smtp__To__0", "gone@example.com");
        Set("Smtp__To__1", "oncall@example.com");

        var answer = await _cli.RunAsync("alerts", "test", "--json");

        answer.ExitCode.Should().Be(1);
        answer.Output.Should().Contain("smtp:gone@example.com").And.Contain("RecipientNotAccepted");
        _mail.Mails.Should().ContainSingle().Which.To.Mailboxes.Should().ContainSingle().Which.Address.Should().Be("oncall@example.com");
    }

    [Test]
    public async Task SendAndList_TenantInWarning_ArrivesOnceAndIsListed()
    {
        _cli.Environment["EvalJobs__Agents__ReplayFolder"] = _cli.Folder;
        _cli.Write("replies.jsonl", """{"q":"one","right":"1","said":"1"}""");
        var genome = _cli.Write("genome.json", """{"target":{"type":"replay","file":"replies.jsonl","match":"q","reply":"said"}}""");
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "numbers", Path.Combine(_cli.Folder, "replies.jsonl"), "--input", "q", "--expected", "right");
        await _cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", genome, "--test");
        await _cli.RunAsync("health", "--set", "Health:PendingWarning=0");

        var sent = await _cli.RunAsync("alerts", "send");
        var again = await _cli.RunAsync("alerts", "send", "--json");
        var listed = await _cli.RunAsync("alerts", "list", "--tenant", "acme", "--status", "sent", "--json");

        sent.Should().Match<CliAnswer>(answer => answer.ExitCode == 0 && answer.Output.Contains("Processed 1 alerts"));
        again.Json.GetProperty("taken").GetInt32().Should().Be(0);
        _hook.Bodies.Should().ContainSingle().Which.Should().Contain("Tenant acme: WARNING. 1 run pending");
        _mail.Mails.Should().ContainSingle();
        listed.Json.EnumerateArray().Should().ContainSingle().Which.GetProperty("sentence").GetString().Should().StartWith("Tenant acme: WARNING.");
        (await _cli.RunAsync("alerts", "list")).Output.Should().Contain("acme").And.NotContain("very-secret");
    }

    [TestCase("Webhooks__ops__Url", "ftp://very-secret.example/", "EvalJobs:Alerts:Webhooks:ops:Url")]
    [TestCase("Webhooks__ops__Format", "teams", "EvalJobs:Alerts:Webhooks:ops:Format")]
    [TestCase("Smtp__To__0", "nobody at all", "EvalJobs:Alerts:Smtp:To")]
    [TestCase("Smtp__Port", "0", "EvalJobs:Alerts:Smtp:Port")]
    [TestCase("Smtp__Password", "very-secret", "EvalJobs:Alerts:Smtp:UserName and Smtp:Password")]
    [TestCase("RetryBackoff", "00:00:00", "EvalJobs:Alerts:RetryBackoff")]
    public async Task Setting_InvalidValue_IsRejectedByNameWithoutSecrets(string setting, string value, string name)
    {
        Set(setting, value);

        var answer = await _cli.RunAsync("alerts", "list");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(name).And.NotContain("very-secret");
    }

    [Test]
    public async Task Setting_PasswordWithoutTls_IsRejected()
    {
        Set("Smtp__UserName", "me");
        Set("Smtp__Password", "very-secret");

        (await _cli.RunAsync("alerts", "list")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("Smtp:Security") && !answer.Error.Contains("very-secret"));
    }

    private void Set(string setting, string value) => _cli.Environment[$"EvalJobs__Alerts__{setting}"] = value;
}
