using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs.Alerts;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Telemetry;

/// <summary>Logs at Information and above contain no prompt and no reply, however a case ends, and name the tenant and run of the work.</summary>
public sealed class LogPrivacyTests
{
    private const string Prompt = "PROMPT-MARK";
    private const string Reply = "REPLY-MARK";

    private static readonly Dictionary<string, string?> OneAttempt = new(StringComparer.Ordinal) { ["EvalJobs:Execution:MaxAttempts"] = "2" };

    /// <summary>Every way a case can end after the reply has arrived.</summary>
    private static readonly TestCaseData[] Ways =
    [
        new TestCaseData("exact_match", (Func<string>)(() => Reply)).SetArgDisplayNames("wrong answer"),
        new TestCaseData("""{"type":"custom","script":"throw new Error(actual + input)"}""", (Func<string>)(() => Reply)).SetArgDisplayNames("scorer throws"),
        new TestCaseData("json", (Func<string>)(() => Reply)).SetArgDisplayNames("reply unreadable"),
        new TestCaseData("exact_match", (Func<string>)(() => throw new AgentCallException($"the agent said {Reply}")))
            .SetArgDisplayNames("agent refuses"),
        new TestCaseData("exact_match", (Func<string>)(() => throw new InvalidOperationException(Reply))).SetArgDisplayNames("agent breaks"),
    ];

    [TestCaseSource(nameof(Ways))]
    public async Task Work_MarkedPromptsAndReplies_NeverReachTheLog(string scoring, Func<string> answer)
    {
        using var log = new LogCapture();
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase(), OneAttempt, log);
        server.Agent.Answer = (_, _) => Task.FromResult(answer());
        var tenant = await server.Some.TenantAsync("acme");
        await server.Some.Suites.SaveAsync(tenant.Id, new SuiteDraft { Name = "suite", IsDefault = true }, MarkedCases(scoring), "test", default);
        await server.Some.PendingRunAsync(tenant);

        await server.TickAndWorkAsync();
        await server.TickAndWorkAsync();
        await server.Get<AlertDelivery>().DeliverAsync(default);

        var lines = log.Lines.Where(line => line.Level >= LogLevel.Information).ToList();
        lines.Should().NotBeEmpty().And.NotContain(line => line.Whole.Contains(Prompt) || line.Whole.Contains(Reply));
        (await server.OnlyRunAsync(tenant)).Status.Should().BeOneOf(RunStatus.Completed, RunStatus.Failed);
    }

    [Test]
    public async Task Work_HttpAgentAnswersWithAnError_ItsBodyIsNotLogged()
    {
        using var log = new LogCapture();
        await using var hook = await WebhookReceiver.StartAsync();
        hook.Status = 500;
        hook.AnswerBody = Reply;
        await using var server = await JobHarness.StartAsync(
            new SqliteTestDatabase(),
            new(StringComparer.Ordinal) { ["EvalJobs:Execution:MaxAttempts"] = "1", ["EvalJobs:Agents:AllowedHosts:0"] = "127.0.0.1", ["EvalJobs:Agents:MaxRetries"] = "0", ["EvalJobs:Agents:OutagePatience"] = "00:00:00" },
            log);
        var tenant = await server.Some.TenantWithRunsAsync(
            1, genome: Some.Genome($$"""{"type":"http","url":"{{hook.Url}}","replyPath":"reply"}"""));

        await server.TickAndWorkAsync();

        var run = await server.OnlyRunAsync(tenant);
        run.Status.Should().Be(RunStatus.Failed);
        log.Lines.Should().NotContain(line => line.Level >= LogLevel.Information && line.Whole.Contains(Reply));
    }

    [Test]
    public async Task Work_EveryLineOfAnAttempt_NamesTenantRunAndAttempt()
    {
        using var log = new LogCapture();
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase(), log: log);
        var tenant = await server.Some.TenantWithRunsAsync(1, slug: "acme");

        await server.TickAndWorkAsync();

        var run = await server.OnlyRunAsync(tenant);
        log.Lines.Where(line => line.Category.EndsWith("EvaluationRunWorker", StringComparison.Ordinal) || line.Category.EndsWith("AttemptConclusion", StringComparison.Ordinal)).Should().NotBeEmpty().And.OnlyContain(
            line => "acme".Equals(line.Scope["Tenant"]) && run.Id.Equals(line.Scope["RunId"]) && 1.Equals(line.Scope["Attempt"]));
        log.Lines.Where(line => line.Category.EndsWith("TenantBatchLifecycle", StringComparison.Ordinal)).Should().NotBeEmpty().And.OnlyContain(
            line => "acme".Equals(line.Scope["Tenant"]) && line.Scope.ContainsKey("BatchId"));
    }

    private static async IAsyncEnumerable<TestCase> MarkedCases(string scoring)
    {
        yield return new TestCase
        {
            Ordinal = 1,
            CaseKey = "one",
            Input = Prompt,
            ExpectedOutput = "{}",
            Scoring = ScoringSpec.Parse(scoring).Json,
        };
        await Task.CompletedTask;
    }
}
