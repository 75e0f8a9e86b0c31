using System.Xml.Linq;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>The command <c>gate</c> on a database: what it creates, its outcomes and files.</summary>
public sealed class GateCommandTests
{
    private Cli _cli = null!;

    [SetUp]
    public async Task Create()
    {
        _cli = new Cli();
        _cli.Environment["EvalJobs__Agents__ReplayFolder"] = _cli.Folder;
        _cli.Environment["EvalJobs__Storage__ConnectionString"] = $"Data Source={_cli.Folder}/gate.db";
        _cli.Environment["EvalJobs__Execution__MaxAttempts"] = "1";
        _cli.Write("cases.jsonl", """
            {"key":"sum","input":"2+2","expected":"4"}
            {"key":"capital","input":"France","expected":"Paris"}
            """);
        _cli.Write("replies.jsonl", """
            {"q":"2+2","good":"4","bad":"4"}
            {"q":"France","good":"Paris","bad":"<b>@everyone</b> | Lyon"}
            """);
        _cli.Write("good.json", Replay("good"));
        _cli.Write("bad.json", Replay("bad"));
        _cli.Write("down.json", """{"target":{"type":"http","url":"http://203.0.113.1/"}}""");
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("suite", "import", "acme", "smoke", "cases.jsonl");
    }

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task Gate_NewVersions_GivesVerdictsFilesAndWhatChanged()
    {
        var good = await _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "good.json", "--suite", "smoke", "--json");
        var bad = await _cli.RunProcessAsync("gate", "acme", "bot", "2.0", "--genome", "bad.json", "--baseline", "1.0", "--junit", "junit.xml", "--markdown", "summary.md");
        var again = await _cli.RunAsync("gate", "acme", "bot", "2.0", "--json");
        var runs = (await _cli.RunAsync("run", "list", "--json")).Json;

        good.ExitCode.Should().Be(0);
        good.Json.GetProperty("verdict").GetString().Should().Be("PASS");
        good.Json.GetProperty("requirements")[0].GetProperty("passed").GetInt32().Should().Be(2);
        bad.Should().Match<CliAnswer>(answer => answer.ExitCode == 1 && answer.Error == "", bad.Error);
        bad.Output.Should().Contain("1 newly failing, 0 newly passing").And.Contain("Newly failing: capital").And.Contain("FAIL: ");
        again.ExitCode.Should().Be(1);
        again.Json.GetProperty("suites")[0].GetProperty("baseline").GetProperty("name").GetString().Should().Be("1.0", "the baseline became the parent");
        runs.EnumerateArray().Should().HaveCount(2, "a decided gate creates no further run");

        var junit = XDocument.Load(Path.Combine(_cli.Folder, "junit.xml"));
        junit.Descendants("testcase").Select(test => test.Attribute("name")!.Value).Should().Equal("bot 2.0", "sum", "capital");
        junit.Descendants("failure").Should().HaveCount(2);
        var summary = await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "summary.md"));
        summary.Should().StartWith("## ❌ FAIL: <code>bot 2.0</code>").And.Contain("**1 newly failing").And.Contain("<code>capital</code>");
        summary.Should().NotContain("@everyone").And.NotContain("<b>").And.NotContain("| Lyon", "an agent's reply must not be read as Markdown");
        summary.IndexOf("Newly failing", StringComparison.Ordinal).Should().BeLessThan(summary.IndexOf("<details>", StringComparison.Ordinal));
    }

    [Test]
    public async Task Gate_AgentThatIsDown_IsUndecidedAndRunAgainNextTime()
    {
        string[] command = ["gate", "acme", "bot", "1.0", "--genome", "down.json", "--set", "Agents:MaxRetries=0", "--json"];

        var first = await _cli.RunAsync(command);
        var second = await _cli.RunAsync(command);

        first.ExitCode.Should().Be(3);
        first.Json.GetProperty("verdict").GetString().Should().Be("UNDECIDED");
        second.ExitCode.Should().Be(3);
        (await _cli.RunAsync("run", "list", "--json")).Json.EnumerateArray().Should().HaveCount(2);
    }

    [Test]
    public async Task Gate_Stopped_CancelsItsRunUnlessDetached()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("A signal is sent.");
        using var asked = new SemaphoreSlim(0);
        using var answered = new ManualResetEventSlim();
        await using var agent = await LoopbackAgent.StartAsync((_, _) =>
        {
            asked.Release();
            answered.Wait();
            return "late";
        });
        _cli.Write("slow.json", $$$"""{"target":{"type":"http","url":"{{{agent.Url}}}/ask/x","replyPath":"reply"}}""");
        _cli.Environment["EvalJobs__Agents__AllowedHosts__0"] = "127.0.0.1";

        (await StopAsync(asked, "1.0")).Should().Be(130);
        (await StopAsync(asked, "2.0", "--detach")).Should().Be(130);
        answered.Set();

        (await _cli.RunAsync("run", "list", "--json")).Json.EnumerateArray().Select(run => (run.GetProperty("versionLabel").GetString(), run.GetProperty("status").GetString()))
            .Should().Equal(("2.0", "PENDING"), ("1.0", "CANCELLED"));
    }

    [TestCase("needs the version's label", "acme", "bot")]
    [TestCase("no version", "acme", "bot", "9.9")]
    [TestCase("no tenant", "nobody", "bot", "1.0")]
    [TestCase("no file", "acme", "bot", "1.0", "--genome", "missing.json")]
    [TestCase("suite", "acme", "bot", "1.0", "--genome", "good.json", "--suite", "missing")]
    [TestCase("There is no version 'missing' of the agent 'bot'", "acme", "bot", "1.0", "--genome", "good.json", "--baseline", "missing")]
    public async Task Gate_WrongInput_IsRejected(string error, params string[] arguments)
    {
        var answer = await _cli.RunAsync(["gate", .. arguments]);

        answer.Should().Match<CliAnswer>(given => given.ExitCode == 2 && given.Output == "", answer.Output + answer.Error);
        answer.Error.Should().ContainEquivalentOf(error);
    }

    private Task<int> StopAsync(SemaphoreSlim asked, string label, params string[] more) =>
        _cli.InterruptAsync(asked, ["gate", "acme", "bot", label, "--genome", "slow.json", .. more]);

    private static string Replay(string reply) => $$$"""{"target":{"type":"replay","file":"replies.jsonl","match":"q","reply":"{{{reply}}}"}}""";
}
