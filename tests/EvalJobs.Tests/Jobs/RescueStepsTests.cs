using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Jobs;

/// <summary>A rescue in several steps, of which one fails. The error comes from a trigger of SQLite; the steps are the same on every database.</summary>
public sealed class RescueStepsTests
{
    [Test]
    public async Task Tick_SecondStepOfTheRescueFails_ReportsTheRequeuedRunsOfTheFirstAndContinuesNextTime()
    {
        await using var server = await JobHarness.StartAsync(new SqliteTestDatabase(), new(StringComparer.Ordinal) { ["EvalJobs:Execution:MaxAttempts"] = "3" });
        var tenant = await server.Some.TenantWithRunsAsync(150, cases: 1);
        await server.Some.ClaimAsync(await server.Some.LiveBatchAsync(tenant), 150);
        await server.Database.PassAsync(Some.Lease * 2);
        await server.Database.ExecuteAsync("""
            CREATE TRIGGER Broken BEFORE UPDATE OF Status ON EvaluationRun
            WHEN NEW.Status = 'PENDING' AND (SELECT COUNT(*) FROM EvaluationRun WHERE Status = 'PENDING') >= 120
            BEGIN SELECT RAISE(ABORT, 'the table is broken'); END
            """);

        (await server.TickAsync()).RequeuedCount.Should().Be(100, "this number of runs is stored as requeued");
        await server.Database.ExecuteAsync("DROP TRIGGER Broken");
        (await server.TickAsync()).RequeuedCount.Should().Be(50);
    }
}
