using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Crash;

/// <summary>Hangfire only executes the work: what it loses is in the product's tables.</summary>
[Category("Crash")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class LostHangfireJobTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(180_000)]
    public async Task Storage_WipedWhileRunsArePending_LosesNoRun(CancellationToken cancellationToken)
    {
        await using var database = new TDatabase();
        await database.CreateAsync();
        var some = new Some(database.Database);
        var isSilent = true;
        await using var agent = await TestAgentServer.StartAsync((context, request) =>
            isSilent ? Behave.Never()(context, request) : Behave.RightAnswer(context, request));
        foreach (var slug in (string[])["a", "b", "c"])
            await some.TenantWithRunsAsync(2, cases: 2, slug: slug, genome: Some.HttpGenome(agent));

        // One worker: one batch is being worked, the two others are in the memory of the process that is killed.
        await using var first = ServerProcess.Start("first", database, [("Execution:Lease", "00:00:02"), ("Hangfire:Pools:evaluations", "1")]);
        await agent.WaitForRequestsAsync(1);
        while (await database.ScalarAsync<int>($"SELECT COUNT(*) FROM {database.Schema}TenantBatch WHERE Status = 'QUEUED' AND HangfireJobId IS NOT NULL") < 2)
            await Task.Delay(20, cancellationToken);
        await first.KillAsync();
        isSilent = false;
        await using var second = ServerProcess.Start("second", database, [("Hangfire:Pools:evaluations", "1")]);

        while ((await some.RunsAsync(new RunListFilter { Status = RunStatus.Completed }, 10)).Count < 6)
            await Task.Delay(50, cancellationToken);

        (await some.RunsAsync(new RunListFilter(), 10)).Select(run => run.Attempt).Order().Should().Equal(1, 1, 1, 1, 1, 2);
        (await Invariants.CheckAsync(database)).Should().BeEmpty();
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Job_DeletedOnTheDashboard_FreesItsTenantForTheNextTick(CancellationToken cancellationToken)
    {
        var isSilent = true;
        await using var agent = await TestAgentServer.StartAsync((context, request) =>
            isSilent ? Behave.Never()(context, request) : Behave.RightAnswer(context, request));
        await using var server = await RunningServer.StartAsync<TDatabase>(("Execution:Lease", "00:00:02"), ("Hangfire:Pools:evaluations", "1"));
        var worked = await server.Some.TenantWithRunsAsync(1, cases: 2, slug: "a-worked", genome: Some.HttpGenome(agent));
        var queued = await server.Some.TenantWithRunsAsync(1, cases: 2, slug: "b-queued", genome: Some.HttpGenome(agent));
        server.Services.GetRequiredService<IRecurringJobManager>().Trigger(JobSchedule.ProcessEvaluations);
        await agent.WaitForRequestsAsync(1);
        var jobs = new List<string?>();
        while (jobs.Count(job => job is not null) < 2)
            jobs = [.. await Task.WhenAll(((long[])[1, 2]).Select(id => JobOfAsync(server, id, cancellationToken)))];

        foreach (var job in jobs)
            server.Services.GetRequiredService<IBackgroundJobClient>().Delete(job).Should().BeTrue();
        await server.WaitUntilAsync(async () => await server.Some.Dispatches.CountLiveBatchesAsync(CancellationToken.None) == 0, cancellationToken);

        (await server.Some.Dispatches.GetBatchAsync(2, cancellationToken)).Error.Should().Contain("Hangfire job was gone");
        foreach (var tenant in (Tenant[])[worked, queued])
            (await server.RunsAsync(tenant)).Single().Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.FailedAttempts == 0);

        isSilent = false;
        await server.TickAsync(cancellationToken);
        foreach (var tenant in (Tenant[])[worked, queued])
            (await server.RunsAsync(tenant)).Single().Should().Match<EvaluationRun>(run => run.Status == RunStatus.Completed && run.FailedAttempts == 0);
        (await Invariants.CheckAsync(server.Database)).Should().BeEmpty();
    }

    private static async Task<string?> JobOfAsync(RunningServer server, long batchId, CancellationToken cancellationToken)
    {
        try
        {
            return (await server.Some.Dispatches.GetBatchAsync(batchId, cancellationToken)).HangfireJobId;
        }
        catch (NotFoundException)
        {
            await Task.Delay(20, cancellationToken);
            return null;
        }
    }
}
