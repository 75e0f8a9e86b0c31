using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

/// <summary>A service manager stops the server in the middle of a batch.</summary>
[Category("Crash")]
[Platform(Exclude = "Win", Reason = "needs SIGTERM")]
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ServerStopTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(180_000)]
    public async Task Sigterm_InTheMiddleOfABatch_ReleasesRunsAtOnceAndKeepsFinishedCases(CancellationToken cancellationToken)
    {
        await using var database = new TDatabase();
        await database.CreateAsync();
        var some = new Some(database.Database);
        var isStopping = false;
        await using var agent = await TestAgentServer.StartAsync((context, request) =>
            !isStopping && Behave.Question(request) == "question 3" ? Behave.Never()(context, request) : Behave.RightAnswer(context, request));
        var tenant = await some.TenantWithRunsAsync(3, cases: 4, genome: Some.HttpGenome(agent));

        // The lease is ten minutes, so a run that is PENDING again within this test was released, not rescued.
        (string, string)[] settings = [("Execution:Lease", "00:10:00"), ("Execution:MaxParallelCases", "1")];
        await using var first = ServerProcess.Start("first", database, settings);
        await agent.WaitForRequestsAsync(3);
        while (await database.ScalarAsync<int>($"SELECT COUNT(*) FROM {database.Schema}TestCaseResult") < 2)
            await Task.Delay(20, cancellationToken);
        isStopping = true;

        (await first.StopAsync()).Should().Be(0, "its log ends with {0}", string.Join('\n', first.Log.TakeLast(10)));

        var runs = await some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id] }, 10);
        runs.Should().HaveCount(3).And.OnlyContain(
            run => run.Status == RunStatus.Pending && run.FailedAttempts == 0 && run.LeaseOwner == null, "neither the current run nor the others have a failed attempt");
        (await some.UnansweredAsync(runs.Min(run => run.Id))).Should().HaveCount(2, "the finished cases are kept");
        (await some.Dispatches.CountLiveBatchesAsync(cancellationToken)).Should().Be(0, "the tenant is free for the next server");
        (await Invariants.CheckAsync(database)).Should().BeEmpty();

        await using var second = ServerProcess.Start("second", database, settings);
        while ((await some.RunsAsync(new RunListFilter { TenantIds = [tenant.Id], Status = RunStatus.Completed }, 10)).Count < 3)
            await Task.Delay(50, cancellationToken);
        agent.Requests.Should().HaveCount((3 * 4) + 1, "only the interrupted question is asked again");
        (await Invariants.CheckAsync(database)).Should().BeEmpty();
    }
}
