using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>The command <c>eval</c>: on files: its outcome, its table and what it stores.</summary>
public sealed class EvalCommandTests
{
    private const string Cases = """
        {"key":"sum","input":"2+2","expected":"4"}
        {"key":"capital","input":"France","expected":"Paris"}
        {"key":"colour","input":"sky","expected":"blue"}
        """;

    private Cli _cli = null!;

    [SetUp]
    public void Create()
    {
        _cli = new Cli();
        _cli.Write("cases.jsonl", Cases);
        _cli.Write("replies.jsonl", """
            {"q":"2+2","good":"4","bad":"4"}
            {"q":"France","good":"Paris","bad":"Lyon"}
            {"q":"sky","good":"blue","bad":"blue"}
            """);
        _cli.Write("good.json", Replay("good"));
        _cli.Write("bad.json", Replay("bad"));
    }

    [TearDown]
    public void Drop() => _cli.Dispose();

    [TestCase("good", 0, "PASS: 3 of 3 cases passed (100.0 %); 80.0 % is required.")]
    [TestCase("bad", 1, "FAIL: 2 of 3 cases passed (66.7 %); 80.0 % is required.")]
    public async Task Eval_OfFiles_ReturnsTheVerdict(string genome, int exitCode, string line)
    {
        var answer = await _cli.RunProcessAsync("eval", "cases.jsonl", "--genome", $"{genome}.json");

        answer.Should().Match<CliAnswer>(given => given.ExitCode == exitCode && given.Error == "");
        answer.Output.Should().Contain(line).And.NotContain("\u001b");
        Directory.EnumerateFiles(_cli.Folder).Should().HaveCount(4, "nothing is stored");
    }

    [Test]
    public async Task Eval_WithBaseline_NamesWhatIsNewlyFailing()
    {
        var answer = await _cli.RunAsync("eval", "cases.jsonl", "--genome", "bad.json", "--baseline", "good.json", "--threshold", "0.6");
        var json = (await _cli.RunAsync("eval", "cases.jsonl", "--genome", "bad.json", "--baseline", "good.json", "--json")).Json;

        answer.ExitCode.Should().Be(0, "the threshold decides, not the baseline");
        answer.Output.Should().Contain("1 newly failing, 0 newly passing (McNemar's exact p = 1)").And.Contain("Newly failing: capital");
        json.GetProperty("verdict").GetString().Should().Be("FAIL");
        json.GetProperty("suites")[0].GetProperty("comparison").GetProperty("changed")[0].GetProperty("caseKey").GetString().Should().Be("capital");
        json.GetProperty("suites")[0].GetProperty("notPassed")[0].GetProperty("output").GetString().Should().Be("Lyon");
    }

    [Test]
    public async Task Eval_DatabaseKept_RunsTheBaselineOnceAndKeepsTheRevision()
    {
        string[] command = ["eval", "cases.jsonl", "--genome", "bad.json", "--baseline", "good.json", "--database", "kept.db", "--json"];

        var first = (await _cli.RunAsync(command)).Json;
        var second = (await _cli.RunAsync(command)).Json;
        var runs = (await _cli.RunAsync("run", "list", "--database", "kept.db", "--json")).Json;

        second.GetProperty("suites")[0].GetProperty("run").GetProperty("runId").GetInt64().Should().NotBe(first.GetProperty("suites")[0].GetProperty("run").GetProperty("runId").GetInt64());
        second.GetProperty("suites")[0].GetProperty("baseline").GetProperty("runId").GetInt64().Should().Be(first.GetProperty("suites")[0].GetProperty("baseline").GetProperty("runId").GetInt64());
        runs.EnumerateArray().Should().HaveCount(3).And.OnlyContain(run => run.GetProperty("suiteRevision").GetInt32() == 1);
        _cli.Write("cases.jsonl", Cases.Replace("blue", "grey", StringComparison.Ordinal));
        await _cli.RunAsync(command);
        (await _cli.RunAsync("run", "list", "--database", "kept.db", "--json")).Json.EnumerateArray().Should().HaveCount(5, "a changed case is asked of the baseline again, too");
    }

    [Test]
    public async Task Eval_AgentThatIsDown_IsUndecided()
    {
        _cli.Write("down.json", """{"target":{"type":"http","url":"http://127.0.0.1:1/ask"}}""");

        var answer = await _cli.RunAsync("eval", "cases.jsonl", "--genome", "down.json", "--set", "Agents:MaxRetries=0");

        answer.Should().Match<CliAnswer>(given => given.ExitCode == 3 && given.Output.Contains("UNDECIDED: The run is FAILED. None of the 3 cases got a useful answer."));
    }

    [Test]
    public async Task Eval_SecretAndPrivateHost_AreTakenFromTheUser()
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input == "letmein" ? "yes" : "no");
        _cli.Write("echo.json", $$$"""{"target":{"type":"http","url":"{{{agent.Url}}}/ask/x","body":{"input":"{{secret:MY_KEY}}"},"replyPath":"reply"}}""");
        _cli.Write("one.jsonl", """{"input":"say it","expected":"yes"}""");
        _cli.Environment["MY_KEY"] = "letmein";

        var without = await _cli.RunAsync("eval", "one.jsonl", "--genome", "echo.json");
        var with = await _cli.RunAsync("eval", "one.jsonl", "--genome", "echo.json", "--secret", "MY_KEY");

        without.Should().Match<CliAnswer>(given => given.ExitCode == 3 && given.Output.Contains("MY_KEY"));
        with.ExitCode.Should().Be(0);
    }

    [Test]
    public async Task Eval_ProgramAsAgent_IsCalled()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("The program is a shell script.");
        _cli.Write("bot.sh", "cat > /dev/null\necho 4\n");
        _cli.Write("bot.json", """{"target":{"type":"process","command":"bot"}}""");

        var answer = await _cli.RunAsync("eval", "cases.jsonl", "--genome", "bot.json", "--command", $"bot=sh {_cli.Folder}/bot.sh", "--threshold", "0.3");

        answer.Should().Match<CliAnswer>(given => given.ExitCode == 0 && given.Output.Contains("PASS: 1 of 3 cases passed"), answer.Output + answer.Error);
    }

    [Test]
    public async Task Eval_Stopped_EndsTheRunAsCancelled()
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

        (await _cli.InterruptAsync(asked, "eval", "cases.jsonl", "--genome", "slow.json", "--database", "kept.db")).Should().Be(130);
        answered.Set();

        var run = (await _cli.RunAsync("run", "list", "--database", "kept.db", "--json")).Json.EnumerateArray().Should().ContainSingle().Which;
        run.GetProperty("status").GetString().Should().Be("CANCELLED");
    }

    [TestCase("the same genome", "cases.jsonl", "--genome", "good.json", "--baseline", "good.json")]
    [TestCase("no environment variable", "cases.jsonl", "--genome", "good.json", "--secret", "NO_SUCH_VARIABLE")]
    [TestCase("expected name=program", "cases.jsonl", "--genome", "good.json", "--command", "bot")]
    [TestCase("no file", "missing.jsonl", "--genome", "good.json")]
    [TestCase("MaxParallelCases", "cases.jsonl", "--genome", "good.json", "--parallel", "0")]
    [TestCase("Storage", "cases.jsonl", "--genome", "good.json", "--set", "Storage:ConnectionString=Data Source=x.db")]
    [TestCase("--genome", "cases.jsonl")]
    public async Task Eval_WrongInput_IsRejectedAndLeavesNothing(string error, params string[] arguments)
    {
        var answer = await _cli.RunAsync(["eval", .. arguments]);

        answer.Should().Match<CliAnswer>(given => given.ExitCode == 2 && given.Error.Contains(error) && given.Output == "", answer.Error);
        Directory.EnumerateFiles(_cli.Folder).Should().HaveCount(4);
    }

    [Test]
    public async Task Page_ShownCommand_DoesWhatThePageSays()
    {
        var page = DocPage.Read("guide/pipelines.md");
        var words = page.Blocks("sh")[0].Trim().Split(' ').Skip(1).Select(word => word.StartsWith("docs/", StringComparison.Ordinal) ? Path.Combine(Repository.Root, word) : word);

        var answer = await _cli.RunAsync([.. words]);

        answer.ExitCode.Should().Be(0);
        foreach (var line in page.Blocks("text")[0].Trim().Split('\n'))
            answer.Output.Should().Contain(line);
        Repository.Read("README.md").Should().Contain(page.Blocks("sh")[0].Trim()["evaljobs ".Length..], "README shows the same command");
    }

    private static string Replay(string reply) => $$$"""{"target":{"type":"replay","file":"replies.jsonl","match":"q","reply":"{{{reply}}}"}}""";
}
