using System.Diagnostics;
using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Benchmarks;

/// <summary>
/// The cost of a tick, a claim and the other statements of every minute with a million ended runs, compared with a thousand:
/// 10,000 tenants, 100 of which have five pending runs each. Measured alternately on two databases, so that noise affects both.
/// </summary>
internal static partial class TickAtScale
{
    private const int Tenants = 10_000;
    private const int BusyTenants = 100;
    private const int PendingEach = 5;
    private const int Rounds = 41;

    public static async Task<int> RunAsync()
    {
        await using var small = await SeedAsync(1_000);
        await using var large = await SeedAsync(1_000_000);

        await CompareAsync("tenant selection", small, large, async (database, _) =>
        {
            var due = await new DispatchRepository(database.Database).ListTenantsDueAsync(CancellationToken.None);
            if (due.Count != BusyTenants)
                throw new InvalidOperationException($"{due.Count} tenants are due.");
        });
        await CompareAsync("rescue of expired leases", small, large, async (database, _) =>
        {
            await foreach (var step in new RunRescueRepository(database.Database).RescueExpiredAsync(3, TimeSpan.Zero, CancellationToken.None))
            {
                if (step.Requeued + step.Poisoned > 0)
                    throw new InvalidOperationException("No lease has expired.");
            }
        });
        await CompareAsync("renewal of batches", small, large, (database, _) =>
            new DispatchRepository(database.Database).RenewBatchesAsync("bench", [], TimeSpan.FromMinutes(2), CancellationToken.None));
        await CompareAsync("load of all tenants (health check)", small, large, (database, _) =>
            new TenantHealthRepository(database.Database).ListLoadAsync(CancellationToken.None));
        await CompareAsync("archive step that finds nothing", small, large, (database, _) =>
            new ArchiveRepository(database.Database).ArchiveBatchAsync(90, 1000, CancellationToken.None));
        await CompareAsync("history step that finds nothing", small, large, (database, _) =>
            new HistoryRepository(database.Database).PurgeBatchesAsync(90, 1000, CancellationToken.None));

        var batches = new Dictionary<BenchmarkDatabase, List<TenantBatch>>
        {
            [small] = await BatchesAsync(small),
            [large] = await BatchesAsync(large),
        };
        await CompareAsync("claim of one run", small, large, async (database, round) =>
        {
            var claimed = await new RunClaimRepository(database.Database).ClaimPendingAsync(
                batches[database][round], 1, ClaimOrder.ByPriority, TimeSpan.FromMinutes(2), CancellationToken.None);
            if (claimed.Count != 1)
                throw new InvalidOperationException("No run was claimed.");
        });

        await GiveEveryoneWorkAndABatchAsync(small);
        await GiveEveryoneWorkAndABatchAsync(large);
        await CompareAsync("selection with all 10,000 queued", small, large, (database, _) =>
            new DispatchRepository(database.Database).ListTenantsDueAsync(CancellationToken.None));

        foreach (var query in (SqlQuery[])[SqlQuery.ListTenantsDue, SqlQuery.ClaimPendingRuns])
            await ShowPlanAsync(large, query);
        return 0;
    }

    private static async Task CompareAsync(string what, BenchmarkDatabase small, BenchmarkDatabase large, Func<BenchmarkDatabase, int, Task> work)
    {
        var times = new Dictionary<BenchmarkDatabase, List<double>> { [small] = [], [large] = [] };
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var database in (BenchmarkDatabase[])[small, large])
            {
                var started = Stopwatch.GetTimestamp();
                await work(database, round);
                times[database].Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        var (few, many) = (Median(times[small]), Median(times[large]));
        Console.WriteLine($"{what,-36} {few,8:0.00} ms with 1,000 ended runs {many,8:0.00} ms with 1,000,000   x {many / few:0.00}");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>A live batch for each busy tenant, started by this process.</summary>
    private static async Task<List<TenantBatch>> BatchesAsync(BenchmarkDatabase database)
    {
        var dispatches = new DispatchRepository(database.Database);
        var batches = new List<TenantBatch>();
        foreach (var tenant in (await dispatches.ListTenantsDueAsync(CancellationToken.None)).Take(Rounds))
        {
            var id = await dispatches.ReserveBatchAsync(null, tenant, "bench", TimeSpan.FromHours(1), CancellationToken.None);
            batches.Add((await dispatches.BeginBatchAsync(id!.Value, "bench", TimeSpan.FromHours(1), CancellationToken.None))!);
        }

        return batches;
    }

    /// <summary>The worst case for a batch with remaining work that searches due tenants: all tenants are due, and all are queued already.</summary>
    private static Task GiveEveryoneWorkAndABatchAsync(BenchmarkDatabase database) => database.ExecuteAsync(
        """
        BEGIN;
        INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT Id, 'agent', 'late', '{}', '', 'TESTING', 'RUNNING' FROM Tenant;
        INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
        SELECT TenantId, TenantId, 1, Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 10 FROM AgentVersion WHERE VersionLabel = 'late';
        INSERT INTO TenantBatch (TenantId, Status, LeaseOwner, LeaseUntil) SELECT Id, 'QUEUED', 'bench', 9000000000000 FROM Tenant WHERE true ON CONFLICT DO NOTHING;
        COMMIT;
        """);

    private static async Task ShowPlanAsync(BenchmarkDatabase database, SqlQuery query)
    {
        var text = ParameterPattern().Replace(SqlCatalog.Load(StorageProvider.Sqlite)[query], "1");
        await using var connection = await database.Database.OpenAsync(CancellationToken.None);
        Console.WriteLine($"\nplan of {query}:");
        foreach (var step in await connection.QueryAsync<(long, long, long, string Detail)>($"EXPLAIN QUERY PLAN {text}"))
            Console.WriteLine($"  {step.Detail}");
    }

    private static async Task<BenchmarkDatabase> SeedAsync(int endedRuns)
    {
        var database = await BenchmarkDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Tenants)
            INSERT INTO Tenant (Slug, Name) SELECT 'tenant-' || i, 'Tenant ' || i FROM n;
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM Tenant;
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT Id, 'agent', 'v0', '{}', '', 'DRAFT', 'PASS' FROM Tenant;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @EndedRuns / 5)
            INSERT INTO TenantBatch (TenantId, Status, LeaseUntil, StartedAt, FinishedAt, ClaimedCount, CompletedCount)
            SELECT i % @Tenants + 1, 'COMPLETED', 0, unixepoch() * 1000, unixepoch() * 1000, 5, 5 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @EndedRuns)
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], TenantBatchId, CompletedAt, PassRate, CaseCount, PassedCount)
            SELECT i % @Tenants + 1, i % @Tenants + 1, 1, i % @Tenants + 1, 'COMPLETED', 'NOT_RUN', 'TRANSITION', i / 5, unixepoch() * 1000 - i * 60, 1, 10, 10 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @Pending)
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT i % @BusyTenants * 100 + 1, 'agent', 'p' || i, '{}', '', 'TESTING', 'RUNNING' FROM n;
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT TenantId, TenantId, 1, Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 10 FROM AgentVersion WHERE LifecycleState = 'TESTING';
            COMMIT;
            """,
            new { Tenants, BusyTenants, EndedRuns = endedRuns, Pending = BusyTenants * PendingEach });
        return database;
    }

    [GeneratedRegex(@"@\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterPattern();
}
