using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Scoring.Processes;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class EndpointSlotsTests
{
    private const string Endpoint = "agents.example.com:443";

    [Test]
    public async Task Acquire_FreeSlots_AreGrantedAtOnceUpToTheLimit()
    {
        var slots = Slots(2);

        using var first = await slots.AcquireAsync(Endpoint, "a", CancellationToken.None);
        using var second = await slots.AcquireAsync(Endpoint, "a", CancellationToken.None);
        var third = slots.AcquireAsync(Endpoint, "a", CancellationToken.None).AsTask();
        using var otherEndpoint = await slots.AcquireAsync("other:443", "a", CancellationToken.None);

        third.IsCompleted.Should().BeFalse();
        slots.WaitingOf("a").Should().ContainSingle().Which.Should().Be(KeyValuePair.Create(Endpoint, 1));
        first.Dispose();
        (await third).Dispose();
        slots.WaitingOf("a").Should().BeEmpty();
    }

    [Test]
    public async Task Acquire_AnotherTenantHoldsAll_TheNextFreeSlotsGoToTheNewTenantUpToItsShare()
    {
        var slots = Slots(4);
        var held = new Queue<IDisposable>();
        for (var i = 0; i < 4; i++)
            held.Enqueue(await slots.AcquireAsync(Endpoint, "hanging", CancellationToken.None));
        var hanging = Enumerable.Range(0, 50).Select(_ => slots.AcquireAsync(Endpoint, "hanging", CancellationToken.None).AsTask()).ToList();
        var healthy = Enumerable.Range(0, 4).Select(_ => slots.AcquireAsync(Endpoint, "healthy", CancellationToken.None).AsTask()).ToList();

        held.Dequeue().Dispose();
        held.Dequeue().Dispose();

        using var first = await healthy[0];
        using var second = await healthy[1];
        hanging.Should().OnlyContain(turn => !turn.IsCompleted, "the tenant with the fewest slots goes first");

        first.Dispose();
        using var third = await healthy[2];
        hanging.Should().OnlyContain(turn => !turn.IsCompleted, "a tenant keeps its share while it has work");

        slots.WaitingOf("healthy").Values.Sum().Should().Be(1);
        slots.WaitingOf("hanging").Values.Sum().Should().Be(50);
    }

    [Test]
    public async Task Acquire_ManyTenantsWait_EachHasItsTurn()
    {
        var slots = Slots(1);
        var order = new List<string>();
        var current = await slots.AcquireAsync(Endpoint, "a", CancellationToken.None);
        var waiting = new List<(string Tenant, Task<IDisposable> Turn)>();
        foreach (var tenant in (string[])["a", "a", "a", "b", "b", "c"])
            waiting.Add((tenant, slots.AcquireAsync(Endpoint, tenant, CancellationToken.None).AsTask()));

        while (waiting.Count > 0)
        {
            current.Dispose();
            var turn = await Task.WhenAny(waiting.Select(item => item.Turn));
            var next = waiting.Single(item => item.Turn == turn);
            waiting.Remove(next);
            order.Add(next.Tenant);
            current = await turn;
        }
        current.Dispose();

        order.Should().HaveCount(6);
        order.Take(3).Should().BeEquivalentTo("b", "c", "a");
        order.Skip(3).Should().Equal("b", "a", "a");
    }

    [Test]
    public async Task Acquire_WaiterIsCancelled_TheNextGetsItsTurn()
    {
        var slots = Slots(1);
        using var giveUp = new CancellationTokenSource();
        var held = await slots.AcquireAsync(Endpoint, "a", CancellationToken.None);
        var first = slots.AcquireAsync(Endpoint, "b", giveUp.Token).AsTask();
        var second = slots.AcquireAsync(Endpoint, "c", CancellationToken.None).AsTask();

        await giveUp.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        held.Dispose();

        (await second).Dispose();
        slots.WaitingOf("b").Should().BeEmpty();
    }

    [Test]
    public async Task Execute_EightTenantsShareSixteenSlots_WaitingIsNoFailure()
    {
        var waves = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var arrived = 0;
        await using var server = await TestAgentServer.StartAsync(async (context, request) =>
        {
            // A run asks its first case alone; after its answer the other cases follow.
            if (Behave.Question(request) == "question 1")
            {
                await Behave.RightAnswer(context, request);
                return;
            }

            var wave = (Interlocked.Increment(ref arrived) - 1) / 16;
            await waves[wave].Task.WaitAsync(context.RequestAborted);
            await Behave.RightAnswer(context, request);
        });
        await using var host = new AgentTestHost(AgentTestHost.Allowing(server) with { MaxConcurrencyPerEndpoint = 16 });
        var time = new FakeTimeProvider();
        using var metrics = new EvaluationMetrics(new TelemetryOptions());
        var options = new ExecutionOptions { MaxParallelCases = 4, CaseTimeout = TimeSpan.FromSeconds(5) };
        using var processes = new ScorerProcessPool(new ScoringOptions(), NullLogger<ScorerProcessPool>.Instance);
        var scorer = new CountingScorer();
        var scoring = new ScoringService(new ScorerRegistry([scorer]), processes, options, TimeProvider.System);
        var executor = new RunExecutor(host.Agents, scoring, new ReplyBudget(options), options, metrics, time);
        var genome = Genome.Parse($$$$"""{"target":{"type":"http","url":"{{{{server.Url}}}}","replyPath":"reply"}}""");
        var tenants = Enumerable.Range(1, 8).Select(number => string.Create(CultureInfo.InvariantCulture, $"tenant-{number}")).ToList();

        var runs = tenants.Select(tenant => Task.Run(() => ResultsAsync(executor, new AgentBinding(tenant, genome)))).ToList();
        await server.WaitForRequestsAsync(8 + 16);
        await Wait.UntilAsync(() => tenants.Sum(tenant => host.Slots.WaitingOf(tenant).Values.Sum()) == 16, "16 questions that wait for a slot");
        time.Advance(TimeSpan.FromSeconds(3));
        waves[0].SetResult();
        await server.WaitForRequestsAsync(8 + 32);

        // The times of the first sixteen replies have been taken.
        await Wait.UntilAsync(() => scorer.Count == 8 + 16, "the first sixteen replies to be scored");
        time.Advance(TimeSpan.FromSeconds(3));
        waves[1].SetResult();
        var results = (await Task.WhenAll(runs)).SelectMany(result => result).ToList();

        results.Should().HaveCount(8 + 32);
        results.Should().OnlyContain(result => result.Verdict == CaseVerdict.Passed, "each answer took 3 s of the 5 s; the wait for a slot does not count");
        results.Should().OnlyContain(result => result.DurationMs == (result.TestCaseId == 1 ? 0 : 3000));
    }

    /// <summary>Counts the replies that reached scoring: the time of each has been taken by then.</summary>
    private sealed class CountingScorer : IScorer
    {
        private readonly ExactMatchScorer _scorer = new();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public string Name => _scorer.Name;

        public double DefaultThreshold => _scorer.DefaultThreshold;

        public void Validate(ScoringSpec spec, string? expected) => _scorer.Validate(spec, expected);

        public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return _scorer.ScoreAsync(request, cancellationToken);
        }
    }

    private static async Task<List<TestCaseResult>> ResultsAsync(RunExecutor executor, AgentBinding binding)
    {
        var results = new List<TestCaseResult>();
        await foreach (var batch in executor.ExecuteAsync(binding, CasesAsync(), new AttemptWatch(100, 100, 100), _ => Task.FromResult<TestCase?>(null), CancellationToken.None))
            results.AddRange(batch);
        return results;
    }

    private static async IAsyncEnumerable<TestCase> CasesAsync()
    {
        await Task.CompletedTask;
        for (var number = 1; number <= 5; number++)
        {
            yield return new TestCase
            {
                Id = number,
                Ordinal = number,
                CaseKey = string.Create(CultureInfo.InvariantCulture, $"case-{number}"),
                Input = string.Create(CultureInfo.InvariantCulture, $"question {number}"),
                ExpectedOutput = string.Create(CultureInfo.InvariantCulture, $"answer {number}"),
                Scoring = """{"type":"exact_match"}""",
                Weight = 1,
            };
        }
    }

    private static EndpointSlots Slots(int count) => new(new AgentOptions { MaxConcurrencyPerEndpoint = count });
}
