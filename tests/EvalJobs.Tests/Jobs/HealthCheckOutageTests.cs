using EvalJobs.Data;
using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs;

/// <summary>A health check of several steps while the database cannot be written.</summary>
public sealed class HealthCheckOutageTests
{
    [Test]
    public async Task RunAsync_DatabaseCannotBeWritten_EndsAtTheFirstStep()
    {
        using var log = new LogCapture();
        var database = new SqliteTestDatabase();
        await using var server = await JobHarness.StartAsync(
            database, new(StringComparer.Ordinal) { ["EvalJobs:Storage:CommandTimeout"] = "00:00:01" }, log);
        await database.ExecuteAsync(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
            INSERT INTO Tenant (Slug, Name) SELECT 'tenant-' || i, 'Tenant' FROM n;
            """);
        await using var locked = await database.HoldWriterAsync();

        var outage = await FluentActions.Awaiting(() => server.Get<HealthCheckJob>().RunAsync(default))
            .Should().ThrowAsync<SqliteException>("a maintenance worker that waits for the timeout of every step runs no tick in that time");

        outage.Which.IsOutage().Should().BeTrue();
        log.Lines.Should().NotContain(line => line.Level >= LogLevel.Warning && line.Text.Contains("could not be kept"));
    }
}
