using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Benchmarks;

/// <summary>
/// How long claims wait for SQLite's one writer while the cleanup archives: claims and releases in a loop, first alone, then during a
/// cleanup in the same process, then during one in another process.
/// </summary>
internal static class ArchiveWait
{
    private const int Runs = 4_000;
    private const int CasesPerRun = 50;

    public static async Task<int> RunAsync()
    {
        foreach (var place in (string[])["no cleanup", "cleanup in the same process", "cleanup in another process"])
        {
            await using var database = await SeedAsync();
            var claims = new RunClaimRepository(database.Database);
            var batch = await LiveBatchAsync(database);
            var started = Stopwatch.StartNew();
            var cleanup = place switch
            {
                "no cleanup" => Task.Delay(TimeSpan.FromSeconds(5)),
                "cleanup in the same process" => Task.Run(() => Job(database).RunAsync(CancellationToken.None)),
                _ => RunCommandAsync(database),
            };

            var waits = new List<double>();
            while (!cleanup.IsCompleted)
            {
                var asked = Stopwatch.GetTimestamp();
                var run = (await claims.ClaimPendingAsync(batch, 1, ClaimOrder.ByPriority, TimeSpan.FromMinutes(2), CancellationToken.None)).Single();
                waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                await claims.ReleaseAsync(run, CancellationToken.None);
                await database.ExecuteAsync("UPDATE EvaluationRun SET TenantBatchId = NULL WHERE Status = 'PENDING'");
                await Task.Delay(5);
            }

            await cleanup;
            var moved = await database.ScalarAsync<long>("SELECT COUNT(*) FROM TestCaseResultArchive");
            waits.Sort();
            Console.WriteLine(
                $"{place,-28} claims {waits.Count,5}: median {waits[waits.Count / 2],6:0.0} ms, 99 % {waits[waits.Count * 99 / 100],6:0.0} ms, longest {waits[^1],6:0.0} ms;"
                + $" {moved / started.Elapsed.TotalSeconds:0} results archived per second");
        }

        return 0;
    }

    private static ArchiveOldRunsJob Job(BenchmarkDatabase database) => new(
        new ArchiveRepository(database.Database), new HistoryRepository(database.Database), new RetentionOptions(), NullLogger<ArchiveOldRunsJob>.Instance);

    private static async Task RunCommandAsync(BenchmarkDatabase database)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "EvalJobs.Server.dll"), "cleanup"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["EvalJobs__Storage__ConnectionString"] = database.Options.ConnectionString;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }

    private static async Task<TenantBatch> LiveBatchAsync(BenchmarkDatabase database)
    {
        var dispatches = new DispatchRepository(database.Database);
        var tenant = (await dispatches.ListTenantsDueAsync(CancellationToken.None)).Single();
        var id = await dispatches.ReserveBatchAsync(null, tenant, "bench", TimeSpan.FromHours(1), CancellationToken.None);
        return (await dispatches.BeginBatchAsync(id!.Value, "bench", TimeSpan.FromHours(1), CancellationToken.None))!;
    }

    /// <summary>Ended runs of 100 days ago with their results, and one pending run.</summary>
    private static async Task<BenchmarkDatabase> SeedAsync()
    {
        var database = await BenchmarkDatabase.CreateAsync();
        await database.AddRunAsync(CasesPerRun, """{"type":"http","url":"http://127.0.0.1:1/"}""");
        await database.ExecuteAsync(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Runs)
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CompletedAt, CaseCount, PassedCount)
            SELECT 1, 1, 1, 1, 'COMPLETED', 'NOT_RUN', 'MANUAL', (unixepoch() - 100 * 86400) * 1000 + i, @CasesPerRun, @CasesPerRun FROM n;
            INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
            SELECT r.Id, c.Id, 'PASSED', 1, hex(randomblob(200)), 5 FROM EvaluationRun r JOIN TestCase c ON c.SuiteId = r.SuiteId WHERE r.Status = 'COMPLETED';
            COMMIT;
            """,
            new { Runs, CasesPerRun });
        return database;
    }
}
