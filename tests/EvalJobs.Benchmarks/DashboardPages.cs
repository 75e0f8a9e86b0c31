using System.Diagnostics;
using EvalJobs.Server.Dashboard;
using EvalJobs.Server.Hosting;

namespace EvalJobs.Benchmarks;

/// <summary>
/// How long the dashboard's pages take with 10,000 tenants, 1,000,000 ended runs over 80 days, 200,000 archived ones and 1,000,000 audit
/// records: the complete answer of a running server over loopback: the first request, then median and worst of many.
/// </summary>
internal static class DashboardPages
{
    private const int Tenants = 10_000;
    private const int EndedRuns = 1_000_000;
    private const int ArchivedRuns = 200_000;
    private const int PendingRuns = 5_000;
    private const int Rounds = 31;

    /// <summary>The cases of the first tenant's suite; its runs of the last 32 days have a result for each.</summary>
    private const int Cases = 1_000;

    private static readonly (string What, string Path)[] Pages =
    [
        ("overview", ""),
        ("overview, by name", "?name=tenant-77"),
        ("overview, page 150", "?page=150"),
        ("tenant", "/tenants/tenant-1"),
        ("runs", "/runs"),
        ("runs, FAILED", "/runs?status=FAILED"),
        ("runs, CANCELLED (there are none)", "/runs?status=CANCELLED"),
        ("runs of a tenant", "/runs?tenant=tenant-1"),
        ("runs of a tenant, FAILED", "/runs?tenant=tenant-1&status=FAILED"),
        ("runs of a suite", "/runs?tenant=tenant-1&suite=1"),
        ("runs of a version", "/runs?tenant=tenant-1&version=1"),
        ("runs of a time long ago", "/runs?to=2026-01-01T00:00&from=2001-01-01T00:00"),
        ("runs, far down", "/runs?before=250000"),
        ("run", "/runs/1000000"),
        ("run, archived", "/runs/100"),
        ("audit", "/audit"),
        ("audit of an actor", "/audit?actor=web:alice"),
        ("audit of a tenant", "/audit?tenant=tenant-1"),
        ("run of 1,000 cases", "/runs/1200000"),
        ("run of 1,000 cases, FAILED", "/runs/1200000?verdict=FAILED"),
        ("run of 1,000 cases, a text", "/runs/1200000?q=reply+77"),
        ("run of 1,000 cases, slowest first", "/runs/1200000?sort=duration"),
        ("compare 2 runs of 1,000 cases", "/compare?runs=1200000,1190000"),
        ("compare 6 runs of 1,000 cases", "/compare?runs=1200000,1190000,1180000,1170000,1160000,1150000"),
        ("compare 6 runs, regressed", "/compare?runs=1200000,1190000,1180000,1170000,1160000,1150000&show=regressed"),
        ("compare 6 runs, a case", "/compare/case?runs=1200000,1190000,1180000,1170000,1160000,1150000&case=case-77"),
        ("trend of a version", "/trend?version=1"),
        ("suites", "/suites"),
        ("suites of a tenant", "/suites?tenant=tenant-1"),
        ("suite of 1,000 cases", "/suites/1"),
        ("versions", "/versions"),
        ("versions of a tenant", "/versions?tenant=tenant-1"),
        ("version", "/versions/1"),
        ("search, a tenant's name", "/search?q=tenant-77"),
        ("search, a text without matches", "/search?q=nowhere+to+be+found"),
    ];

    public static async Task<int> RunAsync()
    {
        await using var database = await BenchmarkDatabase.CreateAsync();
        await SeedAsync(database);
        await using var app = ServerApp.Build(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Logging:LogLevel:Default"] = "Error",
            ["EvalJobs:Storage:ConnectionString"] = database.Options.ConnectionString,

            // Only the pages are measured: no tick runs and no run is picked up.
            ["EvalJobs:Dispatch:Cron"] = "0 0 29 2 *",
            ["EvalJobs:Dispatch:PickUpOnCreate"] = "false",
        });
        await ServerApp.StartAsync(app, CancellationToken.None);

        using var browser = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Console.WriteLine($"{"page",-36} {"first",10} {"median",10} {"worst",10}");
        foreach (var (what, path) in Pages)
        {
            var times = new List<double>();
            for (var round = 0; round < Rounds; round++)
                times.Add(await TimeAsync(browser, $"/hangfire/evaluations{path}"));
            Write(what, times);
        }

        await MeasureTogetherAsync(browser);

        await app.StopAsync();
        return 0;
    }

    /// <summary>Many browsers have the overview open, and each requests updates every two seconds. Each round sends all of their requests at once.</summary>
    private static async Task MeasureTogetherAsync(HttpClient browser)
    {
        const int Browsers = 100;
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.2));
            times.AddRange(await Task.WhenAll(Enumerable.Range(0, Browsers).Select(_ => TimeAsync(browser, "/hangfire/evaluations", isLive: true))));
        }

        Write($"overview, live, {Browsers} browsers", times);
    }

    private static void Write(string what, List<double> times) =>
        Console.WriteLine($"{what,-36} {times[0],7:0.0} ms {times.Skip(1).Order().ElementAt(times.Count / 2),7:0.0} ms {times.Skip(1).Max(),7:0.0} ms");

    private static async Task<double> TimeAsync(HttpClient browser, string path, bool isLive = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (isLive)
            request.Headers.Add(PageRequest.LiveHeader, "1");
        var started = Stopwatch.GetTimestamp();
        using var answer = await browser.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static Task SeedAsync(BenchmarkDatabase database) => database.ExecuteAsync(
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
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @ArchivedRuns)
        INSERT INTO EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], TenantBatchId,
            CreatedAt, StartedAt, CompletedAt, PassRate, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount)
        SELECT i, i % @Tenants + 1, i % @Tenants + 1, 1, i % @Tenants + 1, 'COMPLETED', 0, 0, 1, 'NOT_RUN', 'TRANSITION', i / 5 + 1,
            unixepoch() * 1000 - 15552000000 + i * 30000, unixepoch() * 1000 - 15552000000 + i * 30000, unixepoch() * 1000 - 15552000000 + i * 30000, 1, 10, 10, 0, 0, 0 FROM n;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @EndedRuns)
        INSERT INTO EvaluationRun (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Attempt, PreviousEvalStatus, [Trigger], TenantBatchId,
            CreatedAt, StartedAt, CompletedAt, PassRate, CaseCount, PassedCount, FailedCount, Error)
        SELECT @ArchivedRuns + i, i % @Tenants + 1, i % @Tenants + 1, 1, i % @Tenants + 1, CASE WHEN i % 33 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 1, 'NOT_RUN', 'TRANSITION', i / 5 + 1,
            unixepoch() * 1000 - (@EndedRuns - i) * 6912, unixepoch() * 1000 - (@EndedRuns - i) * 6912, unixepoch() * 1000 - (@EndedRuns - i) * 6912 + 2000,
            0.9, 10, 9, 1, CASE WHEN i % 33 = 0 THEN 'None of the 10 cases got a useful answer.' END FROM n;
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @PendingRuns)
        INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT i % 100 * 100 + 1, 'agent', 'p' || i, '{}', '', 'TESTING', 'RUNNING' FROM n;
        INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
        SELECT TenantId, TenantId, 1, Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 10 FROM AgentVersion WHERE LifecycleState = 'TESTING';
        INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload, At)
        SELECT TenantId, 'RUN_COMPLETED', 'EvaluationRun', Id, CASE WHEN Id % 1000 = 0 THEN 'web:alice' ELSE 'system' END, '{"attempt":1}', CompletedAt FROM EvaluationRun WHERE CompletedAt IS NOT NULL;
        UPDATE EvaluationSuite SET Revision = 2 WHERE Id = 1;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Cases)
        INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        SELECT 1, 2, i, 'case-' || i, 'Case ' || i, 'question ' || i || ' ' || hex(randomblob(200)), 'answer ' || i, '{"type":"exact_match"}', 1 FROM n;
        UPDATE EvaluationRun SET SuiteRevision = 2, CaseCount = @Cases, PassedCount = @Cases * 9 / 10, FailedCount = @Cases - @Cases * 9 / 10
        WHERE TenantId = 1 AND Status = 'COMPLETED' AND Id > @ArchivedRuns + @EndedRuns - 400000;
        INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs, InputTokens, OutputTokens, Cost)
        SELECT r.Id, c.Id, CASE WHEN (c.Ordinal + r.Id / 10000) % 10 = 0 THEN 'FAILED' ELSE 'PASSED' END, CASE WHEN (c.Ordinal + r.Id / 10000) % 10 = 0 THEN 0 ELSE 1 END,
            'reply ' || c.Ordinal || ' ' || hex(randomblob(200)), c.Ordinal % 700, 300, 80, 0.002
        FROM EvaluationRun r JOIN TestCase c ON c.SuiteId = 1 AND c.Revision = 2 WHERE r.TenantId = 1 AND r.SuiteRevision = 2;
        COMMIT;
        """,
        new { Tenants, EndedRuns, ArchivedRuns, PendingRuns, Cases });
}
