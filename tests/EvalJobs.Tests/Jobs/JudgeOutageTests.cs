using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>All runs of the tenant know the outage of a judge: they wait for it, are not charged, and request no answer that could not be judged.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class JudgeOutageTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private const int Cases = 30;

    private JobHarness _server = null!;
    private TestAgentServer _judge = null!;

    [SetUp]
    public async Task Start()
    {
        _judge = await TestAgentServer.StartAsync(Behave.Status(503, "out of order"));
        _server = await JobHarness.StartAsync(new TDatabase(), new(StringComparer.Ordinal)
        {
            ["EvalJobs:Agents:AllowedHosts:0"] = _judge.Host,
            ["EvalJobs:Agents:MaxRetries"] = "0",
            ["EvalJobs:Agents:OutageInterval"] = "01:00:00",
            ["EvalJobs:Agents:OutagePatience"] = "10:00:00",
            ["EvalJobs:Execution:MaxParallelCases"] = "1",
        });
    }

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _judge.DisposeAsync();
    }

    [Test]
    public async Task Run_JudgeDoesNotAnswer_EndsEarlyIsNotChargedAndTriesItOncePerInterval()
    {
        var tenant = await JudgedAsync("acme");

        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().HaveCount(4, "what cannot be judged need not be paid for");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Pending && run.FailedAttempts == 0 && run.Error!.Contains($"The judge {_judge.Host} does not answer; the run waits for it"));

        await _server.Database.PassAsync(TimeSpan.FromHours(1.1));
        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().HaveCount(5, "one case an interval tries it");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0);
    }

    [Test]
    public async Task Run_AnotherRunOfTheTenantFoundTheOutageOfTheJudge_WaitsWithoutAQuestion()
    {
        await JudgedAsync("acme", runs: 2);

        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().HaveCount(4, "the second run uses the breaker that the first opened");
        (await _server.Some.RunsAsync(new RunListFilter(), 10)).Should().HaveCount(2)
            .And.OnlyContain(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0 && run.Error!.Contains("the run waits for it"));
    }

    [Test]
    public async Task Run_JudgeAnswersAgain_CompletesAndTheBreakerIsClosed()
    {
        var tenant = await JudgedAsync("acme");
        await _server.TickAndWorkAsync();
        _judge.Reply(Behave.Chat("""{"score":1,"reason":"fine"}"""));

        await _server.Database.PassAsync(TimeSpan.FromHours(1.1));
        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.PassedCount == Cases && run.FailedAttempts == 0);
        (await _server.Get<EndpointOutageRepository>().ListAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task Run_JudgeDoesNotAnswerForLongerThanOutagePatience_IsCharged()
    {
        var tenant = await JudgedAsync("acme");
        await _server.TickAndWorkAsync();

        await _server.Database.PassAsync(TimeSpan.FromHours(11));
        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 1);
    }

    [Test]
    public async Task Run_JudgeRejectsTheKey_IsNotAnOutage()
    {
        _judge.Reply(Behave.Status(401, "wrong key"));
        var tenant = await JudgedAsync("acme");

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.FailedAttempts > 0);
        (await _server.Get<EndpointOutageRepository>().ListAsync(default)).Should().BeEmpty();
    }

    [Test]
    public async Task Run_OfAnotherTenantWithTheSameJudge_HasItsOwnBreaker()
    {
        await JudgedAsync("acme");
        await _server.TickAndWorkAsync();
        _judge.Reply(Behave.Chat("""{"score":1,"reason":"fine"}"""));
        var other = await JudgedAsync("globex");

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(other)).Status.Should().Be(RunStatus.Completed);
    }

    private Task<Tenant> JudgedAsync(string slug, int runs = 1) => _server.Some.TenantWithRunsAsync(
        runs, cases: Cases, slug: slug, scoring: $$"""{"type":"llm_judge","rubric":"be right","model":"judge","endpoint":"http://{{_judge.Host}}/v1"}""");
}
