using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Server.Api;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server;

/// <summary>The command <c>gate</c> against a running server, over its HTTP API with a key.</summary>
internal sealed class GateServerTests
{
    private static readonly string[] Countries = ["France", "Spain"];

    private Cli _cli = null!;
    private LoopbackAgent _agent = null!;
    private RunningServer _server = null!;
    private Tenant _tenant = null!;
    private Func<string, string, string> _answer = (name, input) => name == "good" || input != "France" ? input.ToUpperInvariant() : "Lyon";

    [SetUp]
    public async Task StartAsync()
    {
        _cli = new Cli();
        _agent = await LoopbackAgent.StartAsync((name, input) => _answer(name, input));
        await StartServerAsync(("Agents:OutagePatience", "00:00:00"));
    }

    private async Task StartServerAsync(params (string Name, string Value)[] settings)
    {
        _server = await RunningServer.StartAsync([("Agents:AllowedHosts:0", "127.0.0.1"), ("Execution:MaxAttempts", "1"), ("Agents:MaxRetries", "0"), ("Dispatch:PickUpOnCreate", "true"), .. settings]);
        _tenant = await _server.Some.TenantAsync("acme");
        await _server.Some.Suites.SaveAsync(
            _tenant.Id, new SuiteDraft { Name = "smoke", IsDefault = true }, Countries.Select((input, index) => new TestCase
            {
                Ordinal = index + 1, CaseKey = input, Input = input, ExpectedOutput = input.ToUpperInvariant(),
            }).ToAsyncEnumerable(), "test", CancellationToken.None);
        _cli.Environment["EVALJOBS_URL"] = _server.Url.ToString();
        _cli.Environment["EVALJOBS_KEY"] = (await _server.KeyAsync(ApiKeyRole.Operator, _tenant)).Secret.Text;
        Genome("good");
        Genome("bad");
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _server.DisposeAsync();
        await _agent.DisposeAsync();
        _cli.Dispose();
    }

    [Test]
    public async Task Gate_OnAServer_DoesWhatItDoesOnADatabase()
    {
        var good = await _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "good.json", "--suite", "smoke", "--json");
        var bad = await _cli.RunProcessAsync("gate", "acme", "bot", "2.0", "--genome", "bad.json", "--baseline", "1.0", "--junit", "junit.xml", "--markdown", "summary.md");
        var again = await _cli.RunAsync("gate", "acme", "bot", "2.0", "--json");

        good.ExitCode.Should().Be(0, good.Error);
        good.Json.GetProperty("suites")[0].GetProperty("run").GetProperty("passedCount").GetInt32().Should().Be(2);
        bad.Should().Match<CliAnswer>(answer => answer.ExitCode == 1 && answer.Error == "", bad.Error);
        bad.Output.Should().Contain("1 newly failing, 0 newly passing").And.Contain("Newly failing: France").And.Contain("FAIL: ");
        again.ExitCode.Should().Be(1);
        (await _cli.RunAsync("gate", "acme", "bot", "2.0", "--baseline", "1.0", "--json")).Json.GetProperty("suites")[0].Should().Match<System.Text.Json.JsonElement>(suite =>
            suite.GetProperty("run").GetProperty("p95Ms").ValueKind == System.Text.Json.JsonValueKind.Number && suite.GetProperty("baseline").GetProperty("p95Ms").ValueKind == System.Text.Json.JsonValueKind.Number,
            "the change of p95 is shown");
        (await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "junit.xml"))).Should().Contain("name=\"France\"").And.Contain("<failure");
        (await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "summary.md"))).Should().Contain($"{_server.Url}hangfire/evaluations/runs/");
        (await _server.Some.RunsAsync(new RunListFilter(), 10)).Should().HaveCount(2, "a decided gate creates no further run");
        Directory.EnumerateFiles(_cli.Folder).Should().HaveCount(4, "the command uses no database");
    }

    [Test]
    public async Task Gate_AgentThatIsDown_IsUndecided()
    {
        _cli.Write("down.json", """{"target":{"type":"http","url":"http://127.0.0.1:1/ask"}}""");

        (await _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "down.json")).ExitCode.Should().Be(3);
    }

    [TestCase(false, "is cancelled")]
    [TestCase(true, "keeps waiting", "--detach")]
    public async Task Gate_RunThatWaitsForItsAgent_IsUndecidedAndCancelledUnlessDetached(bool isLive, string says, params string[] more)
    {
        await _server.DisposeAsync();
        await StartServerAsync(("Agents:OutageInterval", "00:00:00.2"));
        _cli.Write("down.json", """{"target":{"type":"http","url":"http://127.0.0.1:1/ask"}}""");

        var answer = await _cli.RunAsync(["gate", "acme", "bot", "1.0", "--genome", "down.json", .. more]);

        answer.ExitCode.Should().Be(3, answer.Error);
        answer.Output.Should().Contain("The agent is out of reach").And.Contain(says).And.Contain("127.0.0.1:1");
        (await StatusesAsync()).Should().ContainSingle(status => isLive ? RunLifecycle.IsLive(status) : status == RunStatus.Cancelled);
    }

    [Test]
    public async Task Gate_LatestRunFailed_CreatesAnotherRun()
    {
        (await _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "good.json")).ExitCode.Should().Be(0);
        var answer = _answer;
        _answer = (_, _) => throw new InvalidOperationException("down");
        var version = await _server.Some.Versions.FindAsync(_tenant.Id, "bot", "1.0", default);
        await _server.Services.GetRequiredService<RequestRun>().ExecuteAsync(version.Id, null, 0, "test", default);
        await _server.WaitUntilAsync(async () => (await StatusesAsync()).Contains(RunStatus.Failed), new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        _answer = answer;

        var again = await _cli.RunAsync("gate", "acme", "bot", "1.0");

        again.ExitCode.Should().Be(0, again.Output);
        (await StatusesAsync()).Should().HaveCount(3, "a run that FAILED decides nothing");
    }

    [Test]
    public async Task Gate_OneSuiteFailsAndTheRunOfAnotherIsCancelled_Fails()
    {
        var second = await _server.Some.Suites.SaveAsync(
            _tenant.Id, new SuiteDraft { Name = "second" }, new[] { new TestCase { Ordinal = 1, CaseKey = "Italy", Input = "Italy", ExpectedOutput = "ITALY" } }.ToAsyncEnumerable(), "test", CancellationToken.None);
        await _server.Services.GetRequiredService<SetPolicy>().ExecuteAsync(
            _tenant.Id, "", """{"requirements":[{"suite":"smoke"},{"suite":"second"}]}""", "test", CancellationToken.None);
        using var asked = new SemaphoreSlim(0);
        using var cancelled = new ManualResetEventSlim();
        var answer = _answer;
        _answer = (name, input) =>
        {
            if (input != "Italy")
                return answer(name, input);
            asked.Release();
            cancelled.Wait();
            return "late";
        };

        var gate = _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "bad.json");
        (await asked.WaitAsync(TimeSpan.FromMinutes(1))).Should().BeTrue();
        var waiting = (await _server.Some.RunsAsync(new RunListFilter { Status = RunStatus.Running }, 10)).Single(run => run.SuiteId == second.Suite.Id);
        await _server.Services.GetRequiredService<CancelRun>().ExecuteAsync(waiting.Id, "test", CancellationToken.None);
        cancelled.Set();

        var given = await gate;
        given.ExitCode.Should().Be(1, $"a failed gate is decided, as on a database: {given}");
        (await StatusesAsync()).Should().BeEquivalentTo([RunStatus.Completed, RunStatus.Cancelled]);
    }

    [Test]
    public async Task Gate_Stopped_CancelsItsRunOnTheServerUnlessDetached()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("A signal is sent.");
        using var askedGood = new SemaphoreSlim(0);
        using var askedBad = new SemaphoreSlim(0);
        using var answered = new ManualResetEventSlim();
        _answer = (name, _) =>
        {
            (name == "good" ? askedGood : askedBad).Release();
            answered.Wait();
            return "late";
        };

        (await StopAsync(askedBad, "2.0", "bad.json")).Should().Be(130);
        (await StatusesAsync()).Should().Equal(RunStatus.Cancelled);
        answered.Set();
        (await StopAsync(askedGood, "1.0", "good.json", "--detach")).Should().BeOneOf([130, 1], "it may have ended before it was stopped");
        (await StatusesAsync()).Should().HaveCount(2).And.ContainSingle(status => status == RunStatus.Cancelled);
    }

    [TestCase(2, "EVALJOBS_KEY", "", "EVALJOBS_KEY")]
    [TestCase(2, "EVALJOBS_KEY", "ej_unknown", "No accepted key")]
    [TestCase(2, "EVALJOBS_URL", "ftp://x", "EVALJOBS_URL")]
    [TestCase(4, "EVALJOBS_URL", "http://127.0.0.1:1", "did not answer")]
    public async Task Gate_ServerThatCannotBeUsed_SaysWhy(int exitCode, string variable, string value, string error)
    {
        _cli.Environment[variable] = value;

        (await _cli.RunAsync("gate", "acme", "bot", "1.0", "--genome", "good.json")).Should().Match<CliAnswer>(answer => answer.ExitCode == exitCode && answer.Error.Contains(error));
    }

    [Test]
    public async Task Gate_TenantOfAnotherKey_IsNotFound()
    {
        await _server.Some.TenantAsync("other");

        (await _cli.RunAsync("gate", "other", "bot", "1.0", "--genome", "good.json")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("Not found"));
    }

    private Task<int> StopAsync(SemaphoreSlim asked, string label, string genome, params string[] more) =>
        _cli.InterruptAsync(asked, ["gate", "acme", "bot", label, "--genome", genome, .. more]);

    private async Task<IEnumerable<RunStatus>> StatusesAsync() => (await _server.Some.RunsAsync(new RunListFilter(), 10)).Select(run => run.Status);

    private void Genome(string name) => _cli.Write($"{name}.json", $$$"""{"target":{"type":"http","url":"{{{_agent.Url}}}/ask/{{{name}}}","replyPath":"reply"}}""");
}
