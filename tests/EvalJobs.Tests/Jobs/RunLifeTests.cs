using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>The life of a run from transition to promotion, with every way it can be interrupted.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class RunLifeTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Run_AgentAnswersWell_IsPassAndTheVersionMayBecomeCandidate()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 5);

        var batches = await _server.TickAndWorkAsync();

        batches.Should().ContainSingle().Which.Counts.Should().Be(new BatchCounts(Claimed: 1, Completed: 1));
        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassRate == 1 && each.InputTokens == 50 && each.OutputTokens == 25);
        run.Cost.Should().BeApproximately(0.005, 1e-9);
        var moved = await _server.Some.Versions.TransitionAsync(run.VersionId, LifecycleState.Candidate, null, 0, "test", default);
        moved.Version.LifecycleState.Should().Be(LifecycleState.Candidate);
    }

    [Test]
    public async Task Run_AgentAnswersBadly_IsFailAndPromotionIsRejected()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 5);
        _server.Agent.Answer = (_, _) => Task.FromResult("no idea");

        await _server.TickAndWorkAsync();

        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.FailedCount == 5 && each.PassRate == 0);
        await FluentActions.Awaiting(() => _server.Some.Versions.TransitionAsync(run.VersionId, LifecycleState.Candidate, null, 0, "test", default))
            .Should().ThrowAsync<ConflictException>().WithMessage("*needs evalStatus PASS*FAIL*");
    }

    [Test]
    public async Task Run_SomeCasesErrored_TheyAreCountedSeparatelyAndTheRunCompletes()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 4);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => question.CaseKey == "case-2" ? throw new AgentCallException("HTTP 500") : answer(question, token);

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Completed && each.PassedCount == 3 && each.ErroredCount == 1 && each.PassRate == 0.75);
    }

    [Test]
    public async Task Run_EveryCaseErrored_IsRetriedAndFailedAfterThreeAttempts()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 2);
        _server.Agent.Answer = (_, _) => throw new AgentCallException("connection refused");

        for (var attempt = 1; attempt <= 3; attempt++)
            await _server.TickAndWorkAsync();

        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Failed && each.Attempt == 3 && each.ErroredCount == 2);
        run.Error.Should().Contain("None of the 2 cases").And.Contain("connection refused");
        (await _server.Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
        _server.Agent.Asked.Should().HaveCount(6, "each attempt asks both cases once");
    }

    [Test]
    public async Task Run_GenomeTampered_FailsAtOnceWithThatReason()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1);
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}AgentVersion SET Genome = '{{\"target\":{{\"type\":\"scripted\",\"x\":1}}}}'");

        await _server.TickAndWorkAsync();

        var run = await _server.OnlyRunAsync(tenant);
        run.Status.Should().Be(RunStatus.Failed);
        run.Error.Should().Contain("no longer matches its hash");
        _server.Agent.Asked.Should().BeEmpty();
    }

    [Test]
    public async Task Run_NextAttempt_AsksOnlyTheMissingCases()
    {
        await StartAsync(("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 6);
        var run = (await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant))).Single();
        var cases = await _server.Some.UnansweredAsync(run.Id);
        await _server.Some.Claims.SaveResultsAsync(run, [.. cases.Take(4).Select(each => Some.Result(each.Id))], default);
        await _server.Database.PassAsync(Some.Lease * 2);

        (await _server.TickAsync()).RequeuedCount.Should().Be(1);
        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().BeEquivalentTo("case-5", "case-6");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassedCount == 6 && each.Attempt == 2);
    }

    [Test]
    public async Task Run_AgentNeverAnswersAndIgnoresCancellation_IsErroredAtTheCaseDeadline()
    {
        await StartAsync(("Execution:CaseTimeout", "00:00:02"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 2);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => question.CaseKey == "case-1" ? new TaskCompletionSource<string>().Task : answer(question, token);

        await _server.TickAndWorkAsync();

        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.ErroredCount == 1 && each.PassedCount == 1);
        (await _server.Some.Runs.ListResultsAsync(run, CaseVerdict.Errored, 0, 10, default)).Single().Error.Should().Contain("CaseTimeout");
    }

    [Test]
    public async Task Run_LongerThanRunTimeoutButWorking_TakesTurnsUntilItCompletes()
    {
        await StartAsync(("Execution:RunTimeout", "00:00:02"), ("Execution:CaseTimeout", "00:00:02"), ("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 5);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = async (question, token) =>
        {
            await Task.Delay(500, token);
            return await answer(question, token);
        };

        var batches = await _server.TickAndWorkAsync();

        batches.Should().HaveCountGreaterThan(1, "a long run lets others run in between");
        var run = await _server.OnlyRunAsync(tenant);
        run.Should().Match<EvaluationRun>(each => each.Status == RunStatus.Completed && each.PassedCount == 5 && each.FailedAttempts == 0);
    }

    [Test]
    public async Task Run_NothingUsefulWithinRunTimeout_IsAFailedAttempt()
    {
        await StartAsync(("Execution:RunTimeout", "00:00:00.5"), ("Execution:CaseTimeout", "00:00:00.5"), ("Dispatch:ContinueWhileBacklog", "false"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 50);
        _server.Agent.Answer = async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return "";
        };

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Pending && each.FailedAttempts == 1 && each.Error!.Contains("RunTimeout"));
    }

    [Test]
    public async Task Batch_ServerStops_ReleasesRunsAtOnceAndKeepsFinishedCases()
    {
        await StartAsync(("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(3, cases: 4);
        using var stopping = new CancellationTokenSource();
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = async (question, token) =>
        {
            if (question.CaseKey == "case-3")
            {
                await stopping.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
            }

            return await answer(question, token);
        };
        await _server.TickAsync();

        await FluentActions.Awaiting(() => _server.WorkAsync(stopping.Token)).Should().ThrowAsync<OperationCanceledException>(
            "Hangfire would otherwise mark the job succeeded");

        var runs = await _server.Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10);
        runs.Should().OnlyContain(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0, "a release is not a failed attempt");
        var first = runs.MinBy(run => run.Id)!;
        (await _server.Some.UnansweredAsync(first.Id)).Should().HaveCount(2, "the finished cases are kept");

        _server.Agent.Answer = answer;
        await _server.TickAndWorkAsync();
        (await _server.Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id], Status = RunStatus.Completed }, 10)).Should().HaveCount(3);
        _server.Agent.Asked.Count(key => key == "case-1").Should().Be(3, "no finished case is asked again");
    }

    [Test]
    public async Task Batch_Backlog_IsWorkedInTurnsOfTheBatchLimit()
    {
        await StartAsync();
        await _server.Some.TenantWithRunsAsync(12, cases: 1);

        var batches = await _server.TickAndWorkAsync();

        batches.Select(batch => batch.Counts.Completed).Should().Equal(5, 5, 2);
    }

    [Test]
    public async Task Batch_TenantHasItsOwnLimit_ClaimsThatMany()
    {
        await StartAsync(("Dispatch:ContinueWhileBacklog", "false"));
        var tenant = await _server.Some.TenantWithRunsAsync(5, cases: 1);
        await _server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(BatchLimit: 2), "test", default);

        (await _server.TickAndWorkAsync()).Single().Counts.Completed.Should().Be(2);
    }

    [TestCase(true, "Its Hangfire job was gone", TestName = "Orphan_HangfireJobGone")]
    [TestCase(false, "moved to another worker pool", TestName = "Orphan_TenantMovedToAnotherPool")]
    public async Task AbandonOrphansAsync_BatchWithoutAJob_FreesTheTenantForTheNextTick(bool isJobGone, string reason)
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1);
        await _server.TickAsync();
        var queue = new ForgetfulQueue { Forgets = isJobGone };
        if (!isJobGone)
            await _server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(WorkerPool: "gpu"), "test", default);
        await _server.Database.ExecuteAsync($"UPDATE {_server.Database.Schema}TenantBatch SET QueuedAt = LeaseUntil");
        await _server.Database.PassAsync(TimeSpan.FromMinutes(5));

        using var orphans = ActivatorUtilities.CreateInstance<OrphanedBatchService>(_server.Services, queue);
        await orphans.AbandonOrphansAsync(default);

        (await _server.Some.Dispatches.GetBatchAsync(1, default)).Should().Match<TenantBatch>(
            batch => batch.Status == BatchStatus.Abandoned && batch.Error!.Contains(reason));
        (await _server.TickAsync()).QueuedBatchCount.Should().Be(1);
    }

    [Test]
    public async Task AbandonOrphansAsync_EnqueueingNeverFinished_FreesTheTenant()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1);
        var owner = _server.Get<ProcessIdentity>().Name;
        var batchId = await _server.Some.Dispatches.ReserveBatchAsync(null, tenant, owner, Some.Lease, default);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(5));
        await _server.Get<DispatchRepository>().RenewBatchesAsync(owner, [], Some.Lease, default);

        await _server.Get<OrphanedBatchService>().AbandonOrphansAsync(default);

        (await _server.Some.Dispatches.GetBatchAsync(batchId!.Value, default)).Status.Should().Be(BatchStatus.Abandoned, "the batch has no job");
    }

    [Test]
    public async Task AbandonOrphansAsync_JobIsQueued_KeepsTheBatch()
    {
        await StartAsync();
        await _server.Some.TenantWithRunsAsync(1, cases: 1);
        await _server.TickAsync();
        await _server.Database.PassAsync(TimeSpan.FromMinutes(5));

        await _server.Get<OrphanedBatchService>().AbandonOrphansAsync(default);

        (await _server.Some.Dispatches.GetBatchAsync(1, default)).Status.Should().Be(BatchStatus.Queued);
    }

    [Test]
    public async Task Tick_TenantOfAPoolOfOtherServers_LeavesItToThem()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1);
        await _server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(WorkerPool: "gpu"), "test", default);
        tenant = await _server.Some.Tenants.GetAsync(tenant.Id, default);
        var unreachable = ActivatorUtilities.CreateInstance<TenantBatchScheduler>(_server.Services, new ForgetfulQueue { ReachedPool = null });
        var there = ActivatorUtilities.CreateInstance<TenantBatchScheduler>(_server.Services, new ForgetfulQueue { ReachedPool = "gpu" });

        (await unreachable.ScheduleAsync(tenant, null, default)).Should().BeFalse();
        (await there.ScheduleAsync(tenant, null, default)).Should().BeTrue("no batch in an unreachable queue blocks the tenant");
    }

    [TestCase(true, false, 1)]
    [TestCase(false, false, 0)]
    [TestCase(true, true, 0)]
    public async Task PickUpAsync_NewRun_IsServedWithoutATickUnlessTurnedOff(bool isWanted, bool isPaused, int batches)
    {
        await StartAsync(("Dispatch:PickUpOnCreate", $"{isWanted}"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1);
        if (isPaused)
            await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);

        await _server.Get<RunPickup>().PickUpAsync(tenant.Id, default);
        await _server.Get<RunPickup>().PickUpAsync(tenant.Id, default);

        (await _server.WorkAsync()).Should().HaveCount(batches);
    }

    [Test]
    public async Task PickUpAsync_TenantDeleted_DoesNotThrow()
    {
        await StartAsync();

        await FluentActions.Awaiting(() => _server.Get<RunPickup>().PickUpAsync(4711, default)).Should().NotThrowAsync();
    }

    [Test]
    public async Task Run_AgentReportsImpossibleFigures_TheyAreUnknownAndTheRunCompletes()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 3);
        _server.Agent.Tokens = long.MaxValue;

        await _server.TickAndWorkAsync();

        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.InputTokens == null && run.OutputTokens == 15);
    }

    [Test]
    public async Task Run_CancelledHalfWay_KeepsTheCountsOfAnsweredCases()
    {
        await StartAsync(("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 3);
        var run = (await _server.Some.ClaimAsync(await _server.Some.LiveBatchAsync(tenant))).Single();
        var cases = await _server.Some.UnansweredAsync(run.Id);
        await _server.Some.Claims.SaveResultsAsync(run, [Some.Result(cases[0].Id), Some.Result(cases[1].Id, CaseVerdict.Failed)], default);

        await _server.Some.Runs.CancelAsync(run.Id, "test", default);

        (await _server.Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(
            each => each.Status == RunStatus.Cancelled && each.PassedCount == 1 && each.FailedCount == 1 && each.PassRate == null);
    }

    [Test]
    public async Task AbandonOrphansAsync_ManyBatchesWithAJob_StillFindsTheOneWithout()
    {
        await StartAsync();
        var owner = _server.Get<ProcessIdentity>().Name;
        for (var index = 0; index < 205; index++)
            await _server.Some.Dispatches.ReserveBatchAsync(null, await _server.Some.TenantAsync(), owner, TimeSpan.FromHours(1), default);
        await _server.Database.PassAsync(TimeSpan.FromMinutes(5));
        using var orphans = ActivatorUtilities.CreateInstance<OrphanedBatchService>(_server.Services, new ForgetfulQueue { ForgottenId = 205 });

        await orphans.AbandonOrphansAsync(default);
        (await _server.Some.Dispatches.GetBatchAsync(205, default)).Status.Should().Be(BatchStatus.Queued, "two hundred batches are checked in one step");
        await orphans.AbandonOrphansAsync(default);

        (await _server.Some.Dispatches.GetBatchAsync(205, default)).Status.Should().Be(BatchStatus.Abandoned);
    }

    [Test]
    public async Task Batch_ProcessEnds_CostsNoAttemptOfRunsThatHadNotStarted()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(3, cases: 1);
        using var asked = new SemaphoreSlim(0);
        _server.Agent.Answer = (_, _) =>
        {
            asked.Release();
            return new TaskCompletionSource<string>().Task;
        };
        await _server.TickAsync();
        using var stopping = new CancellationTokenSource();
        var working = _server.WorkAsync(stopping.Token);
        (await asked.WaitAsync(TimeSpan.FromMinutes(1))).Should().BeTrue("the first run is begun");

        var runs = await _server.Some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10);

        runs.Count(run => run is { Status: RunStatus.Running, Attempt: 1 }).Should().Be(1);
        runs.Count(run => run is { Status: RunStatus.Pending, Attempt: 0 }).Should().Be(2, "what a crash now would leave behind");
        await stopping.CancelAsync();
        await FluentActions.Awaiting(() => working).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public async Task Batch_UnendingHighPriorityWork_StillServesTheRunThatHasWaitedLongest()
    {
        await StartAsync(("Dispatch:BatchLimit", "1"), ("Dispatch:ContinueWhileBacklog", "false"));
        var tenant = await _server.Some.TenantAsync();
        await _server.Some.SuiteAsync(tenant, cases: 1);
        var modest = await _server.Some.PendingRunAsync(tenant, priority: 0);
        await _server.Some.PendingRunAsync(tenant, priority: 9);

        // Each batch claims one run; a new urgent run is always added before the next claim. One claim in five is by age, so the
        // chance of 300 claims without it is 0.8^300.
        var batches = 0;
        while ((await _server.Some.Runs.GetAsync(modest.Id, default)).Status == RunStatus.Pending && batches++ < 300)
        {
            await _server.TickAndWorkAsync();
            await _server.Some.PendingRunAsync(tenant, priority: 9);
        }

        batches.Should().BeLessThan(300);
    }

    [Test]
    public async Task Batch_FailedRunDueAtOnce_IsLeftToALaterBatch()
    {
        await StartAsync(("Dispatch:ContinueWhileBacklog", "false"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 1);
        _server.Agent.Answer = (_, _) => throw new AgentCallException("refused");

        (await _server.TickAndWorkAsync()).Single().Counts.Should().Be(new BatchCounts(Claimed: 1, Failed: 1));

        (await _server.OnlyRunAsync(tenant)).Attempt.Should().Be(1, "one batch must not use all attempts of a run");
    }

    [Test]
    public async Task Cases_OfOneRun_AreAskedInParallelUpToTheLimit()
    {
        await StartAsync(("Execution:MaxParallelCases", "3"));
        await _server.Some.TenantWithRunsAsync(1, cases: 12);
        var answer = _server.Agent.Answer;
        var three = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var timeout = Task.Delay(TimeSpan.FromSeconds(30));
        _server.Agent.Answer = async (question, token) =>
        {
            if (_server.Agent.MostInFlight == 3)
                three.TrySetResult();
            await Task.WhenAny(three.Task, timeout);

            // Time for a fourth question to arrive if the limit were exceeded.
            await Task.Delay(50, token);
            return await answer(question, token);
        };

        await _server.TickAndWorkAsync();

        _server.Agent.MostInFlight.Should().Be(3);
    }

    /// <summary>A queue that reaches one pool only, and may lose what was added to it.</summary>
    private sealed class ForgetfulQueue : ITenantBatchQueue
    {
        public bool Forgets { get; init; }

        public string? ReachedPool { get; init; }

        public bool Reaches(string? workerPool) => workerPool == ReachedPool;

        public string Enqueue(long batchId, string? workerPool) => "job";

        public long? ForgottenId { get; init; }

        public bool Holds(QueuedBatch batch) => !Forgets && batch.Id != ForgottenId;
    }

    private async Task StartAsync(params (string Name, string Value)[] settings) =>
        _server = await JobHarness.StartAsync(new TDatabase(), settings.ToDictionary(each => $"EvalJobs:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal));
}
