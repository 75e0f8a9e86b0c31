using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Jobs;

/// <summary>
/// No tenant delays another: none is served a second batch while another with due work waits for its first. Counted in
/// batches, never in seconds.
/// </summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class FairnessTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(180_000)]
    public async Task RealServer_OneTenantWith10000RunsAndNinetyNineWithOne_ServesEveryTenantBeforeAnyTwice(CancellationToken cancellationToken)
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartAsync<TDatabase>(("Hangfire:Pools:evaluations", "8"));
        var genome = Some.Genome($$"""{"type":"http","url":"{{agent.Url}}/ask/x","replyPath":"reply"}""");
        var large = await server.Some.TenantWithRunsAsync(1, cases: 1, genome: genome);
        await server.Database.AddPendingRunsAsync(large, 9_999);
        for (var index = 0; index < 99; index++)
            await server.Some.TenantWithRunsAsync(1, cases: 1, genome: genome);

        server.Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        var others = $"FROM {server.Database.Schema}EvaluationRun WHERE TenantId <> @Id AND Status = 'COMPLETED'";
        await server.WaitUntilAsync(
            async () => await server.Database.ScalarAsync<long>($"SELECT COUNT(*) {others}", new { large.Id }) >= 99 && (await BatchesAsync(server, large)).Count >= 3,
            cancellationToken);

        var second = (await BatchesAsync(server, large))[1];
        (await server.Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {server.Database.Schema}TenantBatch WHERE TenantId <> @Id AND Id < @Second", new { large.Id, Second = second }))
            .Should().Be(99, "the backlog's second batch is queued behind all that wait for their first");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Tenant_WhoseAgentTakesTheWholeDeadlineEveryTime_GetsNoSecondTurnWhileOthersWait(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(("Execution:CaseTimeout", "00:00:00.3"), ("Execution:RunTimeout", "00:00:05"), ("Dispatch:BatchLimit", "2"));
        var slow = await server.Some.TenantWithRunsAsync(2, cases: 1);
        await server.Database.ExecuteAsync($"UPDATE {server.Database.Schema}TestCase SET Input = 'slow'");
        var others = new List<Tenant>();
        for (var index = 0; index < 10; index++)
            others.Add(await server.Some.TenantWithRunsAsync(5, cases: 1));
        var answer = server.Agent.Answer;
        server.Agent.Answer = async (question, token) =>
        {
            if (question.Input == "slow")
                await Task.Delay(Timeout.Infinite, token);
            return await answer(question, token);
        };

        using var workers = new FairWorkers(server, 2);
        await WorkUntilAsync(server, workers, async () => await LiveRunsAsync(server) == 0, cancellationToken);

        workers.ServedTwiceWhileAnotherWaited().Should().BeEmpty();
        workers.BatchesOf(slow).Should().BeInRange(3, 6, "it has three attempts at each of its two runs, and a turn without an answer ends when others wait");
        others.Should().OnlyContain(tenant => workers.BatchesOf(tenant) == 3);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Tenant_WhoseSuiteHas100000Cases_TakesTurnsLikeAnyOther(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(("Execution:RunTimeout", "00:00:02"), ("Execution:CaseTimeout", "00:00:02"), ("Dispatch:BatchLimit", "1"));
        var answer = server.Agent.Answer;
        server.Agent.Answer = async (question, token) =>
        {
            // However fast the machine is, the large suite is not finished before the others have had their turns.
            await Task.Delay(1, token);
            return await answer(question, token);
        };
        var giant = await server.Some.TenantAsync("giant");
        await server.Database.AddCasesAsync(await server.Some.SuiteAsync(giant, cases: 1), 99_999);
        var run = await server.Some.PendingRunAsync(giant);
        var others = new List<Tenant>();
        for (var index = 0; index < 3; index++)
            others.Add(await server.Some.TenantWithRunsAsync(4, cases: 1));

        using var workers = new FairWorkers(server, 1);
        await WorkUntilAsync(server, workers, async () => await LiveRunsAsync(server) <= 1, cancellationToken);

        run.CaseCount.Should().Be(100_000);
        workers.ServedTwiceWhileAnotherWaited().Should().BeEmpty();
        workers.Turns.Reverse().SkipWhile(turn => turn.TenantId == giant.Id).Count(turn => turn.TenantId == giant.Id && turn.Kind == TurnKind.Begins)
            .Should().BeInRange(2, 5, "the others need four turns each; afterwards the large suite has all turns");
        (await server.Some.Runs.GetAsync(run.Id, cancellationToken)).FailedAttempts.Should().Be(0, "taking turns is no failed attempt");
        others.Should().OnlyContain(tenant => workers.BatchesOf(tenant) == 4);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Tenant_WithNewWorkBetweenTicks_WaitsForAtMostOneBatchOfAnyOther(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(("Dispatch:BatchLimit", "1"));
        var busy = await server.Some.TenantWithRunsAsync(8, cases: 1);
        using var workers = new FairWorkers(server, 1);
        var answer = server.Agent.Answer;
        Tenant? late = null;
        server.Agent.Answer = async (question, token) =>
        {
            if (server.Agent.Asked.Count == 2)
            {
                late = await server.Some.TenantWithRunsAsync(1, cases: 1);
                workers.AddWork(late);
            }

            return await answer(question, token);
        };

        await WorkUntilAsync(server, workers, async () => (await server.Some.RunsAsync(Pending(busy), 1)).Count == 0, cancellationToken);

        workers.ServedTwiceWhileAnotherWaited().Should().BeEmpty();
        (await server.OnlyRunAsync(late!)).Status.Should().Be(RunStatus.Completed, "it came after the only tick, and needed no other");
    }

    [Test]
    public async Task PickUpAsync_OneTenantGetsRunAfterRun_AlsoQueuesOtherDueTenants()
    {
        await using var server = await StartAsync();
        var eager = await server.Some.TenantWithRunsAsync(1, cases: 1);
        var waiting = await server.Some.TenantWithRunsAsync(1, cases: 1);

        await server.Get<RunPickup>().PickUpAsync(eager.Id, default);

        (await server.WorkAsync()).Select(batch => batch.TenantSlug).Should().Equal(eager.Slug, waiting.Slug);
    }

    [Test]
    public async Task SetLimits_WhileABatchRuns_ApplyToTheNextBatchWithoutARestart()
    {
        await using var server = await StartAsync();
        var tenant = await server.Some.TenantWithRunsAsync(9, cases: 1);
        var answer = server.Agent.Answer;
        server.Agent.Answer = async (question, token) =>
        {
            await server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(BatchLimit: 2), "test", token);
            return await answer(question, token);
        };

        (await server.TickAndWorkAsync()).Select(batch => batch.Counts.Completed).Should().Equal(5, 2, 2);
    }

    [Test]
    public async Task SetLimits_PendingWarningThreshold_AppliesToTheNextCheckWithoutARestart()
    {
        await using var server = await StartAsync();
        var tenant = await server.Some.TenantWithRunsAsync(3, cases: 1);
        var check = server.Get<HealthCheckJob>();

        (await check.RunAsync(default)).Overall.Should().Be("HEALTHY");
        await server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(PendingWarningThreshold: 2), "test", default);
        (await check.RunAsync(default)).Overall.Should().Be("WARNING");
        await server.Some.Tenants.SetLimitsAsync(tenant.Id, new TenantLimits(PendingWarningThreshold: 3), "test", default);
        (await check.RunAsync(default)).Overall.Should().Be("HEALTHY");
    }

    [Test]
    public async Task SetPaused_BetweenTicks_AppliesToTheNextTickWithoutARestart()
    {
        await using var server = await StartAsync();
        var tenant = await server.Some.TenantWithRunsAsync(1, cases: 1);

        await server.Some.Tenants.SetPausedAsync(tenant.Id, true, "test", default);
        (await server.TickAndWorkAsync()).Should().BeEmpty();
        await server.Some.Tenants.SetPausedAsync(tenant.Id, false, "test", default);
        (await server.TickAndWorkAsync()).Should().ContainSingle().Which.Counts.Completed.Should().Be(1);
    }

    private static Task<JobHarness> StartAsync(params (string Name, string Value)[] settings) => JobHarness.StartAsync(
        new TDatabase(), settings.ToDictionary(each => $"EvalJobs:{each.Name}", each => (string?)each.Value, StringComparer.Ordinal));

    /// <summary>One tick, then workers until the condition holds.</summary>
    private static async Task WorkUntilAsync(JobHarness server, FairWorkers workers, Func<Task<bool>> isDone, CancellationToken cancellationToken)
    {
        foreach (var tenant in await server.Some.Tenants.ListAsync("", 100, cancellationToken))
            workers.AddWork(tenant);
        await server.TickAsync();

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var working = workers.WorkAsync(stopping.Token);
        while (!await isDone())
        {
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"The condition was not met in time. The runs:\n{string.Join('\n', await server.Some.RunsAsync(new RunListFilter(), 100))}\nThe turns:\n{string.Join('\n', workers.Turns)}");
            await Task.Delay(20, CancellationToken.None);
        }

        await stopping.CancelAsync();
        await working;
    }

    private static RunListFilter Pending(Tenant tenant) => new() { TenantIds = [tenant.Id], Status = RunStatus.Pending };

    private static Task<long> LiveRunsAsync(JobHarness server) =>
        server.Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {server.Database.Schema}EvaluationRun WHERE Status IN ('PENDING', 'RUNNING')");

    private static Task<List<long>> BatchesAsync(RunningServer server, Tenant tenant) =>
        server.Database.ListAsync<long>($"SELECT Id FROM {server.Database.Schema}TenantBatch WHERE TenantId = @Id ORDER BY Id", new { tenant.Id });
}
