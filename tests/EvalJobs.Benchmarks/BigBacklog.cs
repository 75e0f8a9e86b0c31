using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Benchmarks;

/// <summary>
/// What a batch with remaining work reads to find the tenants that it must queue first, with 10,000 due tenants and with one tenant of 100,000
/// pending runs, all of them queued already. Also the pages of a run of 100,000 cases.
/// </summary>
internal static class BigBacklog
{
    private const int Rounds = 41;
    private const int Cases = 100_000;

    /// <summary>The longest a batch looks back: see BacklogScanner.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync()
    {
        await CompareReadsAsync("10,000 tenants with a run each", tenants: 10_000, runsEach: 1);
        await CompareReadsAsync("one tenant with 100,000 runs", tenants: 1, runsEach: 100_000);
        await ReadResultsAsync();
        return 0;
    }

    private static async Task CompareReadsAsync(string what, int tenants, int runsEach)
    {
        await using var database = await BenchmarkDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Tenants)
            INSERT INTO Tenant (Slug, Name) SELECT 'tenant-' || i, 'Tenant ' || i FROM n;
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM Tenant;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @RunsEach)
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT t.Id, 'agent', 'v' || i, '{}', '', 'TESTING', 'RUNNING' FROM n, Tenant t;
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, DueAt, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT TenantId, TenantId, 1, Id, 'PENDING', unixepoch() * 1000 - 60000, 'NOT_RUN', 'TRANSITION', 10 FROM AgentVersion;
            INSERT INTO TenantBatch (TenantId, Status, LeaseOwner, LeaseUntil) SELECT Id, 'QUEUED', 'bench', 9000000000000 FROM Tenant;
            COMMIT;
            """,
            new { Tenants = tenants, RunsEach = runsEach });
        var dispatches = new DispatchRepository(database.Database);

        var whole = await MedianAsync(() => dispatches.ListTenantsDueAsync(CancellationToken.None));
        var lately = await MedianAsync(() => dispatches.ListTenantsLatelyDueAsync(Lately, CancellationToken.None));
        Console.WriteLine($"{what,-34} all pending work {whole,8:0.00} ms   what came due lately {lately,8:0.00} ms   x {whole / lately:0}");
    }

    private static async Task ReadResultsAsync()
    {
        await using var database = await BenchmarkDatabase.CreateAsync();
        var run = await new EvaluationRunRepository(database.Database).GetAsync(await database.AddRunAsync(Cases, """{"type":"scripted"}"""), CancellationToken.None);
        await database.ExecuteAsync(
            """
            INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
            SELECT @Id, Id, CASE WHEN Ordinal % 10000 = 0 THEN 'ERRORED' WHEN Ordinal % 10 = 0 THEN 'FAILED' ELSE 'PASSED' END, 1, 'answer ' || hex(randomblob(100)), 5
            FROM TestCase;
            """,
            new { run.Id });

        (string What, CaseVerdict? Verdict, int After)[] pages =
        [
            ("first page", null, 0), ("a page in the middle", null, Cases / 2), ("last page", null, Cases - 50),
            ("FAILED, one in ten", CaseVerdict.Failed, 0), ("ERRORED, ten in all", CaseVerdict.Errored, 0), ("UNSCORED, none", CaseVerdict.Unscored, 0),
        ];
        foreach (var (what, verdict, after) in pages)
        {
            var command = await MedianAsync(() => new EvaluationRunRepository(database.Database).ListResultsAsync(run, verdict, after, 50, CancellationToken.None));
            var word = verdict is { } each ? StoredWord.Of(each) : null;
            var dashboard = await MedianAsync(() => new CasePreviewRepository(database.Database).ListAsync(run, word, after, 200, 50, CancellationToken.None));
            Console.WriteLine($"50 of {Cases} results, {what,-22} run show {command,8:0.00} ms   dashboard {dashboard,8:0.00} ms");
        }
    }

    private static async Task<double> MedianAsync<T>(Func<Task<T>> work)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt(Rounds / 2);
    }
}
