using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution;

public sealed class RunExecutorTests
{
    [TestCase("a\0")]
    [TestCase("a\0bbb")]
    public async Task Execute_ReplyWithU0000_IsErroredAndNeverPasses(string reply)
    {
        var result = await ExecuteAsync(new AgentReply(reply), "a");

        result.Verdict.Should().Be(CaseVerdict.Errored, "truncated at the character, it would equal the expected output");
        result.Error.Should().Contain("U+0000").And.Contain("position 2");
        result.Output.Should().BeNull();
    }

    [Test]
    public async Task Execute_ReplyCutByALengthLimit_KeepsTheRemarkWithTheVerdict()
    {
        var result = await ExecuteAsync(new AgentReply("The answer is 4") { IsCut = true, Remark = "The reply was cut." }, "42");

        result.Verdict.Should().Be(CaseVerdict.Failed);
        result.IsCut.Should().BeTrue();
        result.Error.Should().StartWith("The reply was cut.");
    }

    private static async Task<TestCaseResult> ExecuteAsync(AgentReply reply, string expected)
    {
        var options = new ExecutionOptions();
        using var metrics = new EvaluationMetrics(new TelemetryOptions());
        using var processes = new EvalJobs.Execution.Scoring.Processes.ScorerProcessPool(new ScoringOptions(), Microsoft.Extensions.Logging.Abstractions.NullLogger<EvalJobs.Execution.Scoring.Processes.ScorerProcessPool>.Instance);
        var scoring = new ScoringService(new ScorerRegistry([new ExactMatchScorer()]), processes, options, TimeProvider.System);
        var executor = new RunExecutor(new AgentRegistry([new OneReply(reply)]), scoring, new ReplyBudget(options), options, metrics, TimeProvider.System);
        var cases = new[] { new TestCase { Id = 1, Ordinal = 1, CaseKey = "c", Input = "q", ExpectedOutput = expected } }.ToAsyncEnumerable();

        var results = new List<TestCaseResult>();
        await foreach (var batch in executor.ExecuteAsync(new AgentBinding("acme", Some.Genome("""{"type":"one-reply"}""")), cases, new AttemptWatch(4, 4, 4), _ => Task.FromResult<TestCase?>(null), CancellationToken.None))
            results.AddRange(batch);
        return results.Single();
    }

    private sealed class OneReply(AgentReply reply) : IAgentType, IAgentClient
    {
        public string Name => "one-reply";

        public IAgentClient CreateClient(AgentBinding binding) => this;

        public void Validate(Genome genome)
        {
        }

        public Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken) => Task.FromResult(reply);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
