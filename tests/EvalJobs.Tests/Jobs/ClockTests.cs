using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>
/// A worker whose wall clock is wrong: only the database decides what is due, whose lease has expired, what is late and what is old.
/// </summary>
/// <remarks>An SQLite file has no clock: there the database's clock is that of the machine, which all processes share.</remarks>
[TestFixture(typeof(SqliteTestDatabase))]
[TestFixture(typeof(SqlServerTestDatabase), Category = "SqlServer")]
[TestFixture(typeof(SqlServerSnapshotTestDatabase), Category = "SqlServer")]
public sealed class ClockTests<TDatabase> where TDatabase : TestDatabase, new()
{
    [TestCase(10)]
    [TestCase(-10)]
    public async Task Worker_ClockTenMinutesOff_ChangesNothing(int minutes)
    {
        await using var server = await JobHarness.StartAsync(
            new TDatabase(),
            new(StringComparer.Ordinal) { ["EvalJobs:Execution:RetryBackoff"] = "00:05:00", ["EvalJobs:Retention:Days"] = "1" },
            clock: new WrongClock(TimeSpan.FromMinutes(minutes)));
        var start = await server.Get<TenantHealthRepository>().ReadClockAsync(default);

        // Ended 5 minutes less than a day ago: not old enough for the archive.
        var old = await server.Some.TenantWithRunsAsync(1, cases: 1);
        await server.TickAndWorkAsync();
        await server.Database.PassAsync(TimeSpan.FromMinutes((24 * 60) - 5));

        // Held by another server, whose lease has two minutes to go.
        var held = await server.Some.TenantWithRunsAsync(1, cases: 1);
        (await server.Some.ClaimAsync(await server.Some.LiveBatchAsync(held))).Should().ContainSingle();

        // Failed once, due again in five minutes.
        var failing = await server.Some.TenantWithRunsAsync(1, cases: 1);
        var answer = server.Agent.Answer;
        server.Agent.Answer = (_, _) => throw new AgentCallException("refused");
        await server.TickAndWorkAsync();
        server.Agent.Answer = answer;

        var pending = await server.Some.TenantWithRunsAsync(1, cases: 3);
        var tick = await server.TickAsync();
        await server.WorkAsync();
        var archived = await server.Get<ArchiveOldRunsJob>().RunAsync(default);
        var health = await server.Get<HealthCheckJob>().RunAsync(default);
        var end = await server.Get<TenantHealthRepository>().ReadClockAsync(default);

        tick.Should().Match<DispatchSummary>(each => each.RequeuedCount == 0 && each.TenantCount == 1 && each.QueuedBatchCount == 1);
        (await server.OnlyRunAsync(held)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Running && run.Attempt == 1 && run.LeaseOwner == Some.Owner);
        (await server.OnlyRunAsync(failing)).Should().Match<EvaluationRun>(run => run.Status == RunStatus.Pending && run.Attempt == 1 && run.DueAt > end);
        (await server.OnlyRunAsync(pending)).Should().Match<EvaluationRun>(
            run => run.Status == RunStatus.Completed && run.Attempt == 1 && run.StartedAt >= start && run.CompletedAt >= run.StartedAt && run.CompletedAt <= end);
        archived.ArchivedRuns.Should().Be(0);
        (await server.OnlyRunAsync(old)).Status.Should().Be(RunStatus.Completed);
        health.Overall.Should().Be("HEALTHY", "no tick is late and nothing has waited long");
        (await Invariants.CheckAsync(server.Database)).Should().BeEmpty();
    }

    private sealed class WrongClock(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + off;
    }
}
