using EvalJobs.Domain;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>Three tenants in one real server: one's agent refuses connections, one's suite makes the scorer loop, one is healthy.</summary>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class IsolationTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [Test]
    [CancelAfter(120_000)]
    public async Task OneTick_TwoTenantsFail_TheThirdCompletesNormally(CancellationToken cancellationToken)
    {
        await using var agent = await LoopbackAgent.StartAsync((_, input) => input.Replace("question", "answer", StringComparison.Ordinal));
        await using var server = await RunningServer.StartAsync<TDatabase>(("Dispatch:ContinueWhileBacklog", "false"), ("Agents:OutagePatience", "00:00:00"));
        var dead = await server.Some.TenantWithRunsAsync(1, cases: 2, slug: "a-dead", genome: Http("http://127.0.0.1:1/ask/a"));
        var looping = await server.Some.TenantWithRunsAsync(
            1, cases: 2, slug: "b-looping", genome: Http($"{agent.Url}/ask/b"), scoring: """{"type":"custom","script":"while (true) {} return 1;"}""");
        var healthy = await server.Some.TenantWithRunsAsync(5, cases: 3, slug: "c-healthy", genome: Http($"{agent.Url}/ask/c"));

        var tick = await server.TickAsync(cancellationToken);

        tick.Should().Match<Dispatch>(each => each.TenantCount == 3 && each.QueuedBatchCount == 3);
        (await server.RunsAsync(healthy)).Should().HaveCount(5).And.OnlyContain(
            run => run.Status == RunStatus.Completed && run.PassedCount == 3 && run.PassRate == 1 && run.Attempt == 1);

        (await server.RunsAsync(looping)).Should().ContainSingle().Which.Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.UnscoredCount == 2 && run.PassedCount == 0 && run.PassRate == 0);

        var waiting = (await server.RunsAsync(dead)).Single();
        waiting.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.Attempt == 1);
        waiting.Error.Should().Contain("None of the 2 cases got a useful answer", "the operator must see why");

        await server.TickAsync(cancellationToken);
        await server.TickAsync(cancellationToken);
        var given = (await server.RunsAsync(dead)).Single();
        given.Should().Match<EvaluationRun>(run => run.Status == RunStatus.Failed && run.Attempt == 3 && run.ErroredCount > 0);
        (await server.Some.Versions.GetAsync(given.VersionId, cancellationToken)).EvalStatus.Should().Be(EvalStatus.Fail);
        var health = await server.Database.ScalarAsync<long>($"SELECT COUNT(*) FROM {server.Database.Schema}EvaluationRun WHERE Status IN ('PENDING', 'RUNNING')");
        health.Should().Be(0, "no job hangs");
    }

    private static Genome Http(string url) => Some.Genome($$"""{"type":"http","url":"{{url}}","replyPath":"reply"}""");
}
