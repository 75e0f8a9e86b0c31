using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution;

/// <summary>When an attempt stops asking: when nothing answers from the start, or when nothing answers any longer. Also when it does not stop.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
public sealed class UnansweredCasesTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Attempt_NothingAnswers_AsksOneCaseAloneAndEndsAfterFour()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1000);
        var inFlightAtFirst = -1;
        _server.Agent.Answer = async (_, token) =>
        {
            await Task.Delay(20, token);
            if (inFlightAtFirst < 0)
                inFlightAtFirst = _server.Agent.MostInFlight;
            throw new AgentCallException("HTTP 401");
        };

        await _server.TickAndWorkAsync();

        inFlightAtFirst.Should().Be(1, "the first case is asked alone");
        _server.Agent.Asked.Should().HaveCount(4);
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Pending && run.FailedAttempts == 1 && run.Error!.Contains("4 cases got no useful answer") && run.Error.Contains("HTTP 401"));
    }

    [TestCase("2", "1", 2)]
    [TestCase("2", "16", 2)]
    [TestCase("1", "16", 1)]
    [TestCase(null, "16", 16)]
    [TestCase(null, "1", 4)]
    public async Task Attempt_NothingAnswers_EndsAfterTheConfiguredNumber(string? setting, string parallel, int asked)
    {
        await StartAsync(("Execution:UnansweredCases", setting), ("Execution:MaxParallelCases", parallel));
        await _server.Some.TenantWithRunsAsync(1, cases: 50);
        _server.Agent.Answer = (_, _) => throw new AgentCallException("HTTP 401");

        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().HaveCount(asked);
    }

    [Test]
    public async Task Attempt_FirstCasesCannotBeAnswered_TheNextAttemptBeginsWithOthersAndCompletes()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 40);
        Reject(question => int.Parse(question.CaseKey["case-".Length..], System.Globalization.CultureInfo.InvariantCulture) <= 8, () => new AgentCallException("HTTP 400: too long"));

        await _server.TickAndWorkAsync();
        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.PassedCount == 32 && run.ErroredCount == 8 && run.FailedAttempts == 1);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Attempt_SomeCasesMakeTheAgentFailAmongOthers_KeepsThemAsErroredAndCompletes(bool resumed)
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 40);
        if (resumed)
        {
            var claim = (await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant))).Single();
            await _server.Some.Claims.SaveResultsAsync(claim, [Some.Result((await _server.Some.UnansweredAsync(claim.Id))[0].Id)], default);
            await _server.Database.PassAsync(Some.Lease * 2);
        }

        Reject(question => int.Parse(question.CaseKey["case-".Length..], System.Globalization.CultureInfo.InvariantCulture) is > 1 and <= 30, () => new AgentCallException("HTTP 500") { IsOutage = true });

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.PassedCount == 11 && run.ErroredCount == 29 && run.FailedAttempts == 0, "the agent answers what it had answered before");
        _server.Agent.Asked.Count(key => key == "case-1").Should().BeInRange(1, 4, "it is asked again at growing intervals");
    }

    [Test]
    public async Task Attempt_AgentStopsAnsweringInTheMiddle_KeepsTheAnswersAndChargesTheAttempt()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 100);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => _server.Agent.Asked.Count > 20 ? throw new AgentCallException("refused") { IsOutage = true } : answer(question, token);

        await _server.TickAndWorkAsync();
        var asked = _server.Agent.Asked.Count;
        _server.Agent.Answer = answer;
        await _server.TickAndWorkAsync();

        asked.Should().BeLessThan(20 + 12, "some cases and one of those answered before, then it was over");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.PassedCount == 100 && run.FailedAttempts == 1, "an agent without an endpoint, as a host may add, has no breaker");
    }

    [Test]
    public async Task Endpoint_StopsAnsweringInTheMiddle_CostsNoAttemptAndNoCase()
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.RightAnswer);
        await StartAsync(("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"), ("Agents:OutageInterval", "00:00:00.1"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 60, genome: Some.HttpGenome(agent));
        agent.Reply((context, request) => (agent.Requests.Count > 20 ? Behave.Status(503) : Behave.RightAnswer)(context, request));

        await _server.TickAndWorkAsync();
        var waiting = await _server.OnlyRunAsync(tenant);
        agent.Reply(Behave.RightAnswer);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(1));
        await _server.TickAndWorkAsync();

        waiting.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0);
        waiting.Error.Should().StartWith($"{agent.Host} does not answer; the run waits for it.");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.PassedCount == 60 && run.FailedAttempts == 0);
    }

    [Test]
    public async Task Endpoint_DoesNotAnswer_GetsOneQuestionPerIntervalWhileOtherRunsWait()
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.Status(500));
        await StartAsync(("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"), ("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(5, cases: 20, genome: Some.HttpGenome(agent));

        await _server.TickAndWorkAsync();
        agent.Requests.Should().HaveCount(4, "one run detects the outage; the other four ask nothing");

        for (var interval = 1; interval <= 3; interval++)
        {
            await _server.Database.PassAsync(TimeSpan.FromMinutes(1.5));
            await _server.TickAndWorkAsync();
            agent.Requests.Should().HaveCount(4 + interval);
        }

        var runs = await _server.Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10);
        runs.Should().OnlyContain(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0);
        agent.Reply(Behave.RightAnswer);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(1.5));
        await _server.TickAndWorkAsync();
        (await _server.Some.RunsAsync(new RunListFilter { Status = RunStatus.Completed }, 10)).Should().HaveCount(5, "the first answer frees all of them");
    }

    [Test]
    public async Task Endpoint_DoesNotAnswerForLongerThanOutagePatience_IsAFailedAttempt()
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.Status(500));
        await StartAsync(("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"), ("Agents:OutagePatience", "01:00:00"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 20, genome: Some.HttpGenome(agent));
        await _server.TickAndWorkAsync();
        (await _server.OnlyRunAsync(tenant)).FailedAttempts.Should().Be(0);

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await _server.Database.PassAsync(TimeSpan.FromHours(2));
            await _server.TickAndWorkAsync();
        }

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Failed && run.FailedAttempts == 3);
    }

    [Test]
    public async Task Endpoint_OutagePatienceIsZero_EveryAttemptAsksAndIsCharged()
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.Status(500));
        await StartAsync(
            ("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"), ("Agents:OutagePatience", "00:00:00"), ("Agents:OutageInterval", "1.00:00:00"), ("Execution:MaxParallelCases", "1"));
        await _server.Some.TenantWithRunsAsync(2, cases: 20, genome: Some.HttpGenome(agent));

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await _server.TickAndWorkAsync();
            await _server.Database.PassAsync(TimeSpan.FromHours(1));
        }

        (await _server.Some.RunsAsync(new RunListFilter { Status = RunStatus.Failed }, 10)).Should().HaveCount(2).And.OnlyContain(run => run.FailedAttempts == 3 && run.Attempt == 3);
        agent.Requests.Should().HaveCount(4 + 5, "the first attempt detects it, each further attempt asks one question");
    }

    [TestCase(401)]
    [TestCase(404)]
    [TestCase(429)]
    public async Task Endpoint_RejectsTheTenant_OpensNoBreaker(int status)
    {
        await using var agent = await TestAgentServer.StartAsync(Behave.Status(status));
        await StartAsync(("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 20, genome: Some.HttpGenome(agent));

        await _server.TickAndWorkAsync();

        (await _server.Get<EndpointOutageRepository>().ListAsync(default)).Should().BeEmpty("an endpoint that rejects a request works");
        (await _server.OnlyRunAsync(tenant)).FailedAttempts.Should().Be(1);
    }

    [Test]
    public async Task Endpoint_OneTenantUsesAPathThatAlwaysFails_StaysAvailableToOtherTenants()
    {
        await using var agent = await TestAgentServer.StartAsync(
            (context, request) => (request.PathAndQuery == "/hostile" ? Behave.Status(500) : Behave.RightAnswer)(context, request));
        await StartAsync(("Agents:AllowedHosts:0", "127.0.0.1"), ("Agents:MaxRetries", "0"));
        var hostile = Some.Genome($$"""{"type":"http","url":"{{agent.Url}}hostile","replyPath":"reply"}""");
        for (var index = 0; index < 5; index++)
            await _server.Some.TenantWithRunsAsync(1, cases: 5, genome: hostile);
        await _server.TickAndWorkAsync();
        (await _server.Get<EndpointOutageRepository>().ListAsync(default)).Should().HaveCount(5);

        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 5, genome: Some.HttpGenome(agent));
        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.Attempt == 1 && run.PassedCount == 5);
    }

    private void Reject(Func<AgentQuestion, bool> which, Func<AgentCallException> error)
    {
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => which(question) ? throw error() : answer(question, token);
    }

    /// <summary>A server whose batches have no continuations: one attempt per tick.</summary>
    private async Task StartAsync(params (string Name, string? Value)[] settings) =>
        _server = await JobHarness.StartAsync(
            new TDatabase(), settings.Append((Name: "Dispatch:ContinueWhileBacklog", Value: (string?)"false")).Where(each => each.Value is not null).ToDictionary(each => $"EvalJobs:{each.Name}", each => each.Value, StringComparer.Ordinal));
}
