using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>What people and other servers do in the middle of a batch or a tick: cancel, pause, delete, revise, tick at the same time.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class DisturbedBatchTests<TDatabase> where TDatabase : TestDatabase, new()
{
    private JobHarness _server = null!;

    [TearDown]
    public async Task Stop()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Run_CancelledWhileItRuns_StopsTheCurrentQuestionAndRestoresEvalStatus()
    {
        // Hours until the next renewal and the end of the question: only the check of every second can notify the worker so soon.
        await StartAsync(
            ("Execution:MaxParallelCases", "1"), ("Execution:Lease", "06:00:00"), ("Execution:CaseTimeout", "01:00:00"), ("Execution:RunTimeout", "01:00:00"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 3);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Agent.Answer = async (_, token) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return "";
        };
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _server.TickAsync();
        var working = _server.WorkAsync(deadline.Token);
        await asked.Task.WaitAsync(deadline.Token);

        var run = await _server.OnlyRunAsync(tenant);
        await _server.Some.Runs.CancelAsync(run.Id, "test", default);
        var batches = (await FluentActions.Awaiting(() => working).Should().NotThrowAsync("the lease keeper checks every second whether the lease is still held")).Subject;

        _server.Agent.Asked.Should().ContainSingle("no other case is asked");
        batches[0].Counts.Should().Be(new BatchCounts(Claimed: 1, Released: 1));
        (await _server.Some.Runs.GetAsync(run.Id, default)).Status.Should().Be(RunStatus.Cancelled);
        (await _server.Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.NotRun);
        (await Invariants.CheckAsync(_server.Database)).Should().BeEmpty();
    }

    [Test]
    public async Task Batch_TenantPausedWhileItRuns_StartsNoOtherRun()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantWithRunsAsync(3, cases: 1);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = async (question, token) =>
        {
            await _server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", token);
            return await answer(question, token);
        };

        var batches = await _server.TickAndWorkAsync();

        batches.Should().ContainSingle().Which.Counts.Should().Be(new BatchCounts(Claimed: 1, Completed: 1), "the others wait unclaimed");
        (await _server.TickAsync()).TenantCount.Should().Be(0);
    }

    [Test]
    public async Task Batch_CanClaimNoneOfTheDueRuns_LeavesThemToTheNextTick()
    {
        await StartAsync();
        await _server.Some.TenantWithRunsAsync(1);
        await _server.TickAsync();
        await _server.Database.ExecuteAsync(
            $"UPDATE {_server.Database.Schema}EvaluationRun SET TenantBatchId = (SELECT MAX(Id) FROM {_server.Database.Schema}TenantBatch)");

        var batches = await _server.WorkAsync();

        batches.Should().ContainSingle("the next one might claim none either, and so on without end").Which.Counts.Should().Be(default(BatchCounts));
        (await _server.TickAndWorkAsync()).Should().ContainSingle().Which.Counts.Should().Be(new BatchCounts(Claimed: 1, Completed: 1));
    }

    [Test]
    public async Task Batch_TenantDeletedWhileItRuns_EndsWithoutErrorAndStoresNothingOfTheTenant()
    {
        await StartAsync(("Execution:MaxParallelCases", "1"));
        var doomed = await _server.Some.TenantWithRunsAsync(3, cases: 4);
        var other = await _server.Some.TenantWithRunsAsync(2, cases: 2);
        var answer = _server.Agent.Answer;
        var deletion = Task.CompletedTask;
        _server.Agent.Answer = async (question, token) =>
        {
            if (question.CaseKey == "case-3")
                await (deletion = _server.Some.Tenants.DeleteAsync(doomed.Id, "test", null, CancellationToken.None));
            return await answer(question, token);
        };

        // After its run is deleted, the batch does not wait until the rest of the tenant is deleted.
        var batches = await _server.TickAndWorkAsync();
        await deletion;

        batches.Sum(batch => batch.Counts.Completed).Should().Be(2, "the other tenant is served as if nothing had happened");
        batches.Sum(batch => batch.Counts.Failed).Should().Be(0, "a deleted run has not failed");
        _server.Agent.Asked.Should().HaveCountLessThanOrEqualTo(4 + 4, "no other run of the deleted tenant is begun");
        (await _server.Some.Tenants.CountRowsAsync(doomed.Id, default)).Should().Be(new TenantRows(), "no late answer may be stored");
        (await _server.Some.RunsAsync(new RunListFilter { TenantIds = [other.Id] }, 10)).Should().OnlyContain(run => run.Status == RunStatus.Completed);
        (await Invariants.CheckAsync(_server.Database)).Should().BeEmpty();
        (await _server.TickAsync()).TenantCount.Should().Be(0);
    }

    [Test]
    public async Task Run_SuiteRevisedWhileItRuns_UsesTheRevisionItBeganWith()
    {
        await StartAsync(("Execution:MaxParallelCases", "1"));
        var tenant = await _server.Some.TenantWithRunsAsync(1, cases: 4);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = async (question, token) =>
        {
            if (question.CaseKey == "case-2")
                await _server.Some.SuiteAsync(tenant, cases: 7);
            return await answer(question, token);
        };

        await _server.TickAndWorkAsync();

        _server.Agent.Asked.Should().BeEquivalentTo("case-1", "case-2", "case-3", "case-4");
        (await _server.OnlyRunAsync(tenant)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.SuiteRevision == 1 && run.CaseCount == 4 && run.PassedCount == 4);
        (await Invariants.CheckAsync(_server.Database)).Should().BeEmpty();
        (await _server.Some.PendingRunAsync(tenant)).Should().Match<EvaluationRun>(run => run.SuiteRevision == 2 && run.CaseCount == 7);
    }

    [Test]
    public async Task Run_SuiteRevisedWhileItWaits_UsesTheThresholdItWasCreatedWith()
    {
        await StartAsync();
        var tenant = await _server.Some.TenantAsync();
        await _server.Some.SuiteAsync(tenant, cases: 4, threshold: 0.8);
        var run = await _server.Some.PendingRunAsync(tenant);
        var answer = _server.Agent.Answer;
        _server.Agent.Answer = (question, token) => question.CaseKey == "case-1" ? Task.FromResult("wrong") : answer(question, token);

        await _server.Some.SuiteAsync(tenant, cases: 4, threshold: 0.5);
        await _server.TickAndWorkAsync();

        (await _server.Some.Runs.GetAsync(run.Id, default)).Should().Match<EvaluationRun>(
            each => each.PassRate == 0.75 && each.PassThreshold == 0.8 && each.SuiteRevision == 1);
        (await _server.Some.Versions.GetAsync(run.VersionId, default)).EvalStatus.Should().Be(EvalStatus.Fail);
    }

    [Test]
    public async Task Tick_OfTwoServersAtTheSameTime_QueuesEachTenantOnce()
    {
        await StartAsync();
        await using var second = await _server.JoinAsync();
        for (var index = 0; index < 10; index++)
            await _server.Some.TenantWithRunsAsync(1, cases: 1);

        var ticks = await Task.WhenAll(Task.Run(_server.TickAsync), Task.Run(_server.TickAsync), Task.Run(second.TickAsync), Task.Run(second.TickAsync));

        ticks.Sum(tick => tick.QueuedBatchCount).Should().Be(10);
        var batches = await Task.WhenAll(_server.WorkAsync(), second.WorkAsync());
        batches.SelectMany(each => each).Should().HaveCount(10).And.OnlyContain(batch => batch.Counts.Completed == 1);
        (_server.Agent.Asked.Count + second.Agent.Asked.Count).Should().Be(10, "nobody is asked twice");
    }

    [Test]
    public async Task Tick_WhileThePreviousOneStillRuns_ServesTheTenantsThatWait()
    {
        await StartAsync();
        for (var index = 0; index < 3; index++)
            await _server.Some.TenantWithRunsAsync(1, cases: 1);
        using var slow = new SlowQueue(_server.Get<InlineTenantBatchQueue>());
        var scheduler = ActivatorUtilities.CreateInstance<TenantBatchScheduler>(_server.Services, slow);
        using var backlog = ActivatorUtilities.CreateInstance<BacklogScanner>(_server.Services, scheduler);
        var previous = Task.Run(() => ActivatorUtilities.CreateInstance<DispatchPendingEvaluationsJob>(_server.Services, backlog).RunAsync(default));
        (await slow.Entered.WaitAsync(TimeSpan.FromMinutes(1))).Should().BeTrue("the previous tick queues its first batch");

        var tick = await _server.TickAsync();
        slow.GoOn();

        tick.QueuedBatchCount.Should().Be(2, "the first tenant has its batch already");
        (await previous).QueuedBatchCount.Should().Be(1, "the others have been served by the second tick");
        (await _server.WorkAsync()).Should().HaveCount(3).And.OnlyContain(batch => batch.Counts.Completed == 1);
    }

    private async Task StartAsync(params (string Name, string Value)[] settings) =>
        _server = await JobHarness.StartAsync(new TDatabase(), settings.ToDictionary(each => $"EvalJobs:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal));

    /// <summary>A queue that waits before it adds each batch.</summary>
    private sealed class SlowQueue(InlineTenantBatchQueue queue) : ITenantBatchQueue, IDisposable
    {
        private readonly ManualResetEventSlim _mayGoOn = new();

        public SemaphoreSlim Entered { get; } = new(0);

        public void GoOn() => _mayGoOn.Set();

        public bool Reaches(string? workerPool) => true;

        public string Enqueue(long batchId, string? workerPool)
        {
            Entered.Release();
            _mayGoOn.Wait();
            return queue.Enqueue(batchId, workerPool);
        }

        public bool Holds(QueuedBatch batch) => true;

        public void Dispose()
        {
            Entered.Dispose();
            _mayGoOn.Dispose();
        }
    }
}
