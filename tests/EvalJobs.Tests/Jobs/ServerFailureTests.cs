using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>A failure of the server itself (memory, disk, end of the process) gives no verdict on a case and costs no attempt.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ServerFailureTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

#pragma warning disable CA2201 // The executor must recognise the runtime's own exception.
    private static readonly Exception[] HostFailures =
    [
        new OutOfMemoryException(),
        new InvalidOperationException("wrapped", new OutOfMemoryException()),
        new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28),
    ];
#pragma warning restore CA2201

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [TestCaseSource(nameof(HostFailures))]
    public async Task Run_ServerLacksAResource_IsPostponedWithoutAVerdictOrAFailedAttempt(Exception failure)
    {
        await StartAsync(("Execution:MaxParallelCases", "1"), ("Dispatch:ContinueWhileBacklog", "false"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 3);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => question.CaseKey == "case-2" ? throw failure : answer(question, token);

        await _server.TickAndWorkAsync();

        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Pending && each.FailedAttempts == 0);
        (await _server.Some.Claims.TallyAsync(run.Id, default)).Should().BeEquivalentTo(new { ErroredCount = 0, UnscoredCount = 0 });

        _server.Agent.Answer = answer;
        await _server.TickAndWorkAsync();
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassedCount == 3);
    }

    [Test]
    public async Task Run_ClaimedByManyEndedProcesses_IsWorkedAlone()
    {
        await StartAsync(("Execution:PoisonDeaths", "1"), ("Execution:MaxParallelCases", "1"));
        var suspect = await _server.Some.TenantWithRunsAsync(1, cases: 2);
        await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(suspect));
        await _server.Database.PassAsync(Some.Lease * 2);
        var others = new List<Tenant>();
        for (var index = 0; index < 4; index++)
            others.Add(await _server.Some.TenantWithRunsAsync(3, cases: 2));
        var working = 0;
        var besideSuspect = 0;
        var answer = _server.Agent.Answer;
        var suspectRun = (await _server.OnlyRunAsync(suspect)).Id;
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}TestCase SET Input = 'suspect' WHERE SuiteId = (SELECT SuiteId FROM {_server.Database.Schema}EvaluationRun WHERE Id = {suspectRun})");
        _server.Agent.Answer = async (question, token) =>
        {
            var count = Interlocked.Increment(ref working);
            await Task.Delay(5, token);
            if (question.Input == "suspect" && (count > 1 || Volatile.Read(ref working) > 1))
                Interlocked.Increment(ref besideSuspect);
            Interlocked.Decrement(ref working);
            return await answer(question, token);
        };

        await _server.TickAndWorkAsync();

        besideSuspect.Should().Be(0);
        (await _server.OnlyRunAsync(suspect)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.FailedAttempts == 0, "a run that was only claimed at the same time is no longer suspect");
        foreach (var tenant in others)
            (await _server.Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10)).Should().OnlyContain(run => run.Status == RunStatus.Completed);
    }

    [Test]
    public async Task Run_ServerRunsOutOfMemoryRepeatedly_IsWorkedAloneThenPoison()
    {
        await StartAsync(("Execution:PoisonDeaths", "2"), ("Execution:MaxParallelCases", "1"), ("Dispatch:ContinueWhileBacklog", "false"));
        var suspect = await _server.Some.TenantWithRunsAsync(1, cases: 2);
        var suite = await _server.Database.ScalarAsync<long>($"SELECT MAX(Id) FROM {_server.Database.Schema}EvaluationSuite");
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}TestCase SET Input = 'suspect' WHERE SuiteId = {suite}");
        var (working, besideSuspect, alone) = (0, 0, false);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = async (question, token) =>
        {
            var count = Interlocked.Increment(ref working);
            try
            {
                await Task.Delay(5, token);
                if (question.Input != "suspect")
                    return await answer(question, token);
                if (alone && (count > 1 || Volatile.Read(ref working) > 1))
                    Interlocked.Increment(ref besideSuspect);
                throw HostFailures[0];
            }
            finally
            {
                Interlocked.Decrement(ref working);
            }
        };

        for (var time = 1; time <= 2; time++)
        {
            await _server.TickAndWorkAsync();
            (await _server.OnlyRunAsync(suspect)).Should().Match<EvaluationRun>(
                run => run.Status == RunStatus.Pending && run.FailedAttempts == 0 && run.DeathCount == time && run.Error!.Contains("short of memory"), "another run may be the cause");
            await _server.Database.PassAsync(TimeSpan.FromDays(1));
        }

        alone = true;
        var others = new List<Tenant>();
        for (var index = 0; index < 3; index++)
            others.Add(await _server.Some.TenantWithRunsAsync(1, cases: 20));
        await _server.TickAndWorkAsync();

        besideSuspect.Should().Be(0, "the third time it runs alone in the process");
        (await _server.OnlyRunAsync(suspect)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Failed && run.Error!.StartsWith("POISON: the server ran out of memory 3 times in a row"));
        foreach (var tenant in others)
            (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.FailedAttempts == 0);
    }

    [Test]
    public async Task Replies_WaitingToBeStored_NeverExceedTheirByteLimit()
    {
        const int replyChars = 200_000;
        await StartAsync(("Execution:MaxWaitingReplyBytes", "1048576"), ("Execution:MaxParallelCases", "8"), ("Agents:MaxReplyBytes", "1048576"));
        for (var index = 0; index < 4; index++)
            await _server.Some.TenantWithRunsAsync(1, cases: 30);
        _server.Agent.Answer = (_, _) => Task.FromResult(new string('x', replyChars));

        await _server.TickAndWorkAsync();

        var budget = _server.Get<ReplyBudget>();
        budget.MaxHeldBytes.Should().BeInRange(replyChars * sizeof(char), 1_048_576);
        budget.HeldBytes.Should().Be(0, "all of them are stored");
        (await _server.Some.RunsAsync(new RunListFilter { Status = RunStatus.Completed }, 10)).Should().HaveCount(4);
    }

    private async Task StartAsync(params (string Name, string Value)[] settings) =>
        _server = await JobHarness.StartAsync(new TDatabase(), settings.ToDictionary(each => $"EvalJobs:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal));
}
