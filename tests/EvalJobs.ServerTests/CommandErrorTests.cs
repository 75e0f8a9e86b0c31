using EvalJobs.Domain;
using EvalJobs.Server.Access;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EvalJobs.Tests.Server;

/// <summary>The error messages of the command line: plain sentences that name the cause, never a framework's own message.</summary>
public sealed class CommandErrorTests
{
    private const string Cases = "{\"key\":\"a\",\"input\":\"a\",\"expected\":\"a\"}\n{\"key\":\"b\",\"input\":\"b\",\"expected\":\"b\"}\n";
    private Support.Cli _cli = null!;

    [SetUp]
    public void SetUp() => _cli = new Support.Cli();

    [TearDown]
    public void TearDown() => _cli.Dispose();

    [TestCase("0,1", "--threshold '0,1': expected a number from 0 to 1 with a decimal point, such as 0.8.")]
    [TestCase("most", "--threshold 'most': expected a number from 0 to 1")]
    public async Task SuiteImport_ThresholdThatIsNotANumber_IsRejected(string threshold, string right)
    {
        await _cli.RunAsync("tenant", "add", "acme");

        (await _cli.RunAsync("suite", "import", "acme", "s", _cli.Write("cases.jsonl", Cases), "--threshold", threshold)).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains(right));
    }

    [Test]
    public async Task Number_ThatCannotBeRead_IsNamedWithItsOption() =>
        (await _cli.RunAsync("tenant", "list", "--limit", "many")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("--limit 'many': expected a whole number") && !answer.Error.Contains("Int32"));

    [Test]
    public async Task Word_Unknown_IsNamedWithItsOptionAndTheAllowedWords()
    {
        await _cli.RunAsync("tenant", "add", "acme");

        (await _cli.RunAsync("run", "list", "--status", "DONE")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("--status 'DONE'") && answer.Error.Contains("COMPLETED") && !answer.Error.Contains("RunStatus"));
    }

    [Test]
    public async Task VersionCreate_SuiteWithoutTest_IsRejectedAndCreatesNothing()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "s", _cli.Write("cases.jsonl", Cases));
        var genome = _cli.Write("agent.json", """{"target":{"type":"http","url":"https://agent.example/ask","replyPath":"reply"}}""");

        (await _cli.RunAsync("version", "create", "acme", "bot", "1", "--genome", genome, "--suite", "s")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("--test"));
        (await _cli.RunAsync("version", "list", "acme", "--json")).Json.GetArrayLength().Should().Be(0);
    }

    [Test]
    public async Task CaseText_WithControlCharacters_IsNeverPrintedRaw()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "s", _cli.Write("cases.jsonl", """{"key":"a","input":"\u001b]0;owned\u0007x\u202e","expected":"a"}"""));

        var show = await _cli.RunAsync("suite", "show", "acme", "s");

        show.Output.Should().NotContain("\u001b]0;").And.NotContain("\u0007").And.NotContain("\u202e").And.Contain("""\u001B]0;owned\u0007x\u202E""");
    }

    [Test]
    public async Task Process_AgentOutOfReach_SaysHowManyCasesAndWhenTheRunIsDueAgain()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "s", _cli.Write("cases.jsonl", Cases));
        var genome = _cli.Write("agent.json", """{"target":{"type":"http","url":"http://127.0.0.1:1/ask","replyPath":"reply"}}""");
        await _cli.RunAsync("version", "create", "acme", "bot", "1", "--genome", genome, "--test", "--set", "Agents:AllowedHosts:0=127.0.0.1");

        var process = await _cli.RunAsync("process", "--set", "Agents:AllowedHosts:0=127.0.0.1", "--set", "Agents:MaxRetries=1", "--set", "Agents:RetryDelay=00:00:00.1");

        process.ExitCode.Should().Be(1);
        process.Output.Should().MatchRegex("Asked (1 case|2 cases)\\.").And.Contain("1 run waits for its next attempt; run 1 of acme is due first, at ");
        process.Error.Should().NotContain("Polly").And.NotContain("Resilience");
        (await _cli.RunAsync("run", "list")).Output.Should().Contain("evalStatus").And.Contain("RUNNING");
        (await _cli.RunAsync("run", "show", "1", "--json")).Json.GetProperty("truncated").GetBoolean().Should().BeFalse();
    }

    [Test, Platform(Exclude = "Win")]
    public async Task Command_WorkingFolderWasDeleted_SaysSo()
    {
        var start = new System.Diagnostics.ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _cli.Folder };
        foreach (var argument in (string[])["-c", "mkdir gone && cd gone && rmdir ../gone && exec dotnet exec \"$0\" tenant list", Path.Combine(AppContext.BaseDirectory, "EvalJobs.Server.dll")])
            start.ArgumentList.Add(argument);

        using var process = System.Diagnostics.Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.Should().Be(3, error);
        error.Should().Contain("working folder").And.Contain("Change to another folder").And.NotContain("   at ");
    }

    [Test]
    public async Task RunShow_Json_GivesEveryResultOrSaysThatItIsTruncated()
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input);
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "s", _cli.Write("cases.jsonl", Cases));
        var genome = _cli.Write("agent.json", $$$"""{"target":{"type":"http","url":"{{{agent.Url}}}/ask/a","replyPath":"reply"}}""");
        await _cli.RunAsync("version", "create", "acme", "bot", "1", "--genome", genome, "--test", "--set", "Agents:AllowedHosts:0=127.0.0.1");
        var process = await _cli.RunAsync("process", "--set", "Agents:AllowedHosts:0=127.0.0.1");

        var part = (await _cli.RunAsync("run", "show", "1", "--json", "--limit", "1")).Json;
        var whole = (await _cli.RunAsync("run", "show", "1", "--json", "--limit", "2")).Json;

        process.Output.Should().Contain("Asked 2 cases.").And.NotContain("wait for their next attempt");
        (part.GetProperty("truncated").GetBoolean(), part.GetProperty("results").GetArrayLength()).Should().Be((true, 1));
        (whole.GetProperty("truncated").GetBoolean(), whole.GetProperty("results").GetArrayLength()).Should().Be((false, 2));
    }

    [TestCase("http://127.0.0.1:99999", "the port 99999 is not from 0 to 65535")]
    [TestCase("http://127.0.0.1:web", "the port is not a number")]
    [TestCase("http://127.0.0.1:5080/base", "has no path ('/base')")]
    [TestCase("ftp://127.0.0.1:21", "http and https, not 'ftp'")]
    [TestCase("5080", "'5080' is not an address")]
    public void Address_ThatCannotBeListenedOn_IsNamedWithTheReason(string address, string reason)
    {
        var check = () => BindAddresses.IsPublic(address);

        check.Should().Throw<InvalidInputException>().WithMessage($"Urls: *{reason}*http://127.0.0.1:5080*");
    }

    [Test]
    public async Task Serve_HttpsWithoutCertificate_SaysWhichSettingNamesIt()
    {
        _cli.Environment["Urls"] = "https://127.0.0.1:0";
        _cli.Environment["HOME"] = _cli.Folder;

        (await _cli.RunProcessAsync("serve")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 3 && answer.Error.Contains("Kestrel:Certificates:Default:Path") && !answer.Error.Contains("   at "));
    }

    [TestCase("https://127.0.0.1:5443", null, true)]
    [TestCase("http://127.0.0.1:5080", null, false)]
    [TestCase("https://127.0.0.1:5443", "server.pfx", false)]
    public void CertificateError_OnlyForHttpsWithoutOne(string address, string? certificate, bool isExpected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Urls"] = address,
            [certificate is null ? "Other" : "Kestrel:Certificates:Default:Path"] = certificate,
        }).Build();

        (BindAddresses.CertificateError(configuration) is not null).Should().Be(isExpected);
    }

    [Test]
    public async Task UnexpectedError_ItsDetails_GoToAFileAndNotToTheTerminal()
    {
        string message;
        try
        {
            throw new InvalidCastException("inner details");
        }
        catch (InvalidCastException error)
        {
            message = await UnexpectedError.ReportAsync(error);
        }

        message.Should().NotContain("   at ").And.Contain("InvalidCastException");
        var file = message[(message.IndexOf("the file ", StringComparison.Ordinal) + "the file ".Length)..].TrimEnd('.');
        File.ReadAllText(file).Should().Contain("inner details").And.Contain(nameof(UnexpectedError_ItsDetails_GoToAFileAndNotToTheTerminal));
        File.Delete(file);
    }

    [TestCase("plain\nline\tend", "plain\nline\tend")]
    [TestCase("\u001b[2J", """\u001B[2J""", TestName = "{m}(would clear a terminal)")]
    [TestCase("a\u009bb\r\u0000", """a\u009Bb\u000D\u0000""")]
    [TestCase("\u2066x\u2069\u200f", """\u2066x\u2069\u200F""")]
    [TestCase("naïve ✓ 日本", "naïve ✓ 日本")]
    public void TerminalText_Escape_KeepsTextAndShowsControlCharacters(string text, string safe) =>
        TerminalText.Escape(text).Should().Be(safe);
}
