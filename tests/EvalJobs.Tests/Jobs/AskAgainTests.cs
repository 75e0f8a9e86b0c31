using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>Cases without a verdict because of a temporary failure are asked again, by the run itself and on request. Cases with a verdict never are.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class AskAgainTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;
    private Tenant _tenant = null!;
    private TestAgentServer _judge = null!;
    private HashSet<string> _isJudgeAway = [];

    [SetUp]
    public async Task Start()
    {
        _isJudgeAway = [];
        _judge = await TestAgentServer.StartAsync(Behave.Status(503));
        _server = await JobHarness.StartAsync(new TDatabase(), new(StringComparer.Ordinal)
        {
            ["EvalJobs:Execution:RetryBackoff"] = "00:01:00",
            ["EvalJobs:Agents:AllowedHosts:0"] = _judge.Host,
            ["EvalJobs:Agents:MaxRetries"] = "0",

            // A run waits for a judge that does not answer: see JudgeOutageTests.
            ["EvalJobs:Agents:OutagePatience"] = "00:00:00",
        });
        _server.Agent.Answer = (question, _) =>
            _isJudgeAway.Contains(question.CaseKey) ? throw new AgentCallException("HTTP 503 from agent.example") { IsTransient = true }
            : Task.FromResult(question.CaseKey == "case-4" && _isJudgeAway.Count > 0 ? "wrong" : question.Input.Replace("question", "answer", StringComparison.Ordinal));
    }

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _judge.DisposeAsync();
    }

    [Test]
    public async Task Run_SomeCasesFailTemporarily_AsksOnlyThemAgainThenCompletes()
    {
        await StartRunAsync(4);
        _isJudgeAway = ["case-2", "case-3"];
        await WorkAsync();
        var waiting = await RunAsync();
        _isJudgeAway = [];

        await WorkAsync();

        waiting.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 1);
        waiting.Error.Should().Contain("2 of 4 cases").And.Contain("HTTP 503");
        (await RunAsync()).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.PassedCount == 3 && run.FailedCount == 1 && run.Error == null);
        _server.Agent.Asked.Order(StringComparer.Ordinal).Should().Equal("case-1", "case-2", "case-2", "case-3", "case-3", "case-4");
    }

    [Test]
    public async Task Run_SomeCasesNeverGetAnAnswer_TheLastAttemptCompletesWithoutThem()
    {
        await StartRunAsync(4);
        _isJudgeAway = ["case-2"];

        for (var attempt = 0; attempt < 4; attempt++)
            await WorkAsync();

        (await RunAsync()).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.Attempt == 3 && run.FailedAttempts == 2 && run.PassedCount == 2 && run.FailedCount == 1 && run.ErroredCount == 1);
        _server.Agent.Asked.Should().HaveCount(6, "three once, one three times");
    }

    [TestCase(503, "overloaded", TestName = "Run_JudgeIsAway_FailsTheAttemptNotTheVersion")]
    [TestCase(429, """{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}""", TestName = "Run_JudgeIsOutOfQuota_FailsTheAttemptNotTheVersion")]
    [TestCase(401, "invalid api key", TestName = "Run_JudgeIsMisconfigured_FailsTheAttemptNotTheVersion")]
    public async Task Run_JudgeCannotBeAsked_FailsTheAttempt(int status, string body)
    {
        _judge.Reply(Behave.Status(status, body));
        await StartJudgedRunAsync(3);
        await WorkAsync();
        var waiting = await RunAsync();
        _judge.Reply(Behave.Chat("""{"score":1,"reason":"fine"}"""));

        await WorkAsync();

        waiting.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 1);
        waiting.Error.Should().Contain("None of the 3 cases got a verdict").And.Contain("judge");
        (await RunAsync()).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.PassedCount == 3);
    }

    [Test]
    public async Task Run_JudgeStaysUnavailable_FailsTheRunPermanently()
    {
        await StartJudgedRunAsync(3);

        for (var attempt = 0; attempt < 4; attempt++)
            await WorkAsync();

        (await RunAsync()).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Failed && run.FailedAttempts == 3 && run.UnscoredCount == 1, "while the judge's breaker is open, an attempt asks one case");
    }

    [Test]
    public async Task Run_JudgeGivesNoVerdictOnOneReply_Completes()
    {
        _judge.Reply(Behave.Chat("I would rather not say"));
        await StartJudgedRunAsync(3);

        await WorkAsync();

        (await RunAsync()).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.UnscoredCount == 3 && run.FailedAttempts == 0);
    }

    [Test]
    public async Task RetryErrored_CompletedRun_AsksOnlyTheRestAndReplacesItAsEvidence()
    {
        var completed = await CompleteWithErrorsAsync();
        var before = await StandingAsync(completed);
        var again = await _server.Get<RetryRun>().AskAgainAsync(completed.Id, "ann", default);
        var asked = _server.Agent.Asked.Count;
        _isJudgeAway = [];

        await WorkAsync();

        (await _server.Some.Runs.GetAsync(again.Id, default)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.PassedCount == 3 && run.FailedCount == 1 && run.ErroredCount == 0 && run.ContinuesRunId == completed.Id);
        _server.Agent.Asked.Should().HaveCount(asked + 1, "three cases have a verdict");
        before.Whole.Should().Match<PartStanding>(part => part.Passed == 2 && part.Cases == 4);
        (await StandingAsync(completed)).Should().Match<RequirementStanding>(
            standing => standing.Whole.Passed == 3 && standing.Whole.Cases == 4 && standing.LookCount == 1 && standing.VoidCount == 1, "no verdict counts twice");
    }

    [Test]
    public async Task RetryErrored_FailedVerdict_IsNoSecondChance()
    {
        var completed = await CompleteWithErrorsAsync();
        await _server.Get<RetryRun>().AskAgainAsync(completed.Id, "ann", default);
        _isJudgeAway = [];

        await WorkAsync();

        (await StandingAsync(completed)).Whole.Passed.Should().Be(3, "case-4 was answered wrongly, and keeps that verdict");
    }

    [Test]
    public async Task RetryErrored_Cancelled_DoesNotChangeTheEvidence()
    {
        var completed = await CompleteWithErrorsAsync();
        var before = await StandingAsync(completed);
        var again = await _server.Get<RetryRun>().AskAgainAsync(completed.Id, "ann", default);

        await _server.Get<CancelRun>().ExecuteAsync(again.Id, "ann", default);

        (await StandingAsync(completed)).Should().Match<RequirementStanding>(
            standing => standing.Whole.Passed == before.Whole.Passed && standing.LookCount == 1 && standing.VoidCount == 0, "a retry must not remove a bad look");
    }

    [Test]
    public async Task RetryErrored_SecondTimeOfTheSameRun_IsRejected()
    {
        var completed = await CompleteWithErrorsAsync();
        await _server.Get<RetryRun>().AskAgainAsync(completed.Id, "ann", default);
        await AskAgain(completed.Id).Should().ThrowAsync<ConflictException>().WithMessage("*one at a time*");

        await WorkAsync();
        await WorkAsync();
        await WorkAsync();

        await AskAgain(completed.Id).Should().ThrowAsync<ConflictException>().WithMessage("*Replaced by run*");
    }

    [Test]
    public async Task RetryErrored_NothingMissing_IsRejected()
    {
        await StartRunAsync(2);
        await WorkAsync();

        await AskAgain((await RunAsync()).Id).Should().ThrowAsync<ConflictException>().WithMessage("*a verdict for each of its 2 cases*");
    }

    [Test]
    public async Task RetryErrored_RunThatHasNotEnded_IsRejected()
    {
        await StartRunAsync(2);

        await AskAgain((await RunAsync()).Id).Should().ThrowAsync<ConflictException>().WithMessage("*PENDING*only*COMPLETED*");
    }

    [Test]
    public async Task RetryErrored_ArchivedRun_SaysToRestoreItFirst()
    {
        var completed = await CompleteWithErrorsAsync();
        await _server.Database.PassAsync(TimeSpan.FromDays(200));
        await new ArchiveRepository(_server.Database.Database).ArchiveBatchAsync(90, 1000, default);

        await AskAgain(completed.Id).Should().ThrowAsync<ConflictException>().WithMessage("*restore*");
    }

    private Func<Task> AskAgain(long runId) => () => _server.Get<RetryRun>().AskAgainAsync(runId, "ann", default);

    private async Task StartRunAsync(int cases) => _tenant = await _server.Some.TenantWithRunsAsync(1, cases: cases);

    private async Task StartJudgedRunAsync(int cases) => _tenant = await _server.Some.TenantWithRunsAsync(
        1, cases: cases, scoring: $$"""{"type":"llm_judge","rubric":"Is it right?","model":"m","endpoint":"{{_judge.OpenAiUrl}}"}""");

    private Task<EvaluationRun> RunAsync() => _server.OnlyRunAsync(_tenant);

    /// <summary>Of four cases two passed, one failed and one got no answer in three attempts.</summary>
    private async Task<EvaluationRun> CompleteWithErrorsAsync()
    {
        await StartRunAsync(4);
        _isJudgeAway = ["case-2"];
        for (var attempt = 0; attempt < 3; attempt++)
            await WorkAsync();
        return await RunAsync();
    }

    /// <summary>Makes one more attempt, when it is due.</summary>
    private async Task WorkAsync()
    {
        await _server.TickAndWorkAsync();
        await _server.Database.PassAsync(TimeSpan.FromHours(1));
    }

    private async Task<RequirementStanding> StandingAsync(EvaluationRun run) =>
        (await new PromotionRepository(_server.Database.Database).FindStandingAsync(run.VersionId, default))!.Standing.Requirements.Single();
}
