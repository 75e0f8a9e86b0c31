using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Benchmarks;

/// <summary>
/// How many workers a pool should have: tenants whose agents never answer together with tenants whose agents answer slowly, for pools of 2 to 64 workers. Measures how
/// long the healthy tenants wait for a worker, how many of their runs are worked per second, and the memory and processor time of the server.
/// </summary>
internal static class DeadAgents
{
    private const int DeadTenants = 40;
    private const int HealthyTenants = 40;
    private const int RunsOfHealthy = 2;
    private const int CasesOfARun = 8;

    /// <summary>The time a healthy agent takes for a reply.</summary>
    private static readonly TimeSpan ThinkingTime = TimeSpan.FromMilliseconds(300);

    public static async Task<int> RunAsync(string[] args)
    {
        int[] pools = args.Length > 0 ? [.. args.Select(arg => int.Parse(arg, CultureInfo.InvariantCulture))] : [2, 4, 8, 16, 32, 64];
        Console.WriteLine("| workers | median wait | longest wait | healthy runs/s | peak memory | processor time |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var workers in pools)
            await MeasureAsync(workers);
        return 0;
    }

    private static async Task MeasureAsync(int workers)
    {
        await using var agent = await StartAgentAsync();
        await using var database = await BenchmarkDatabase.CreateAsync();
        await SeedAsync(database, agent.Urls.First());

        using var server = BenchmarkServer.Start(
            database.Options, ("Hangfire:Pools:evaluations", $"{workers}"), ("Execution:CaseTimeout", "00:00:05"), ("Agents:MaxRetries", "0"),
            ("Agents:MaxConcurrencyPerEndpoint", "1024"));
        const string open = "SELECT COUNT(*) FROM EvaluationRun r JOIN Tenant t ON t.Id = r.TenantId WHERE t.Slug LIKE 'healthy-%' AND r.Status IN ('PENDING', 'RUNNING')";
        while (await database.ScalarAsync<long>(open) > 0)
            await Task.Delay(200);

        var begin = await database.ScalarAsync<long>("SELECT MIN(StartedAt) FROM EvaluationRun");
        var waits = (await WaitsAsync(database, begin)).Order().ToList();
        var seconds = await database.ScalarAsync<double>(
            "SELECT (MAX(r.CompletedAt) - @begin) / 1000.0 FROM EvaluationRun r JOIN Tenant t ON t.Id = r.TenantId WHERE t.Slug LIKE 'healthy-%'", new { begin });
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {workers} | {waits[waits.Count / 2]:0.0} s | {waits[^1]:0.0} s | {HealthyTenants * RunsOfHealthy / seconds:0.0} | {server.PeakBytes / 1048576.0:0} MB | {server.ProcessorTime.TotalSeconds:0.0} s |"));
    }

    /// <returns>Seconds from the beginning of all work to the beginning of each healthy tenant's first run.</returns>
    private static async Task<List<double>> WaitsAsync(BenchmarkDatabase database, long begin)
    {
        var waits = new List<double>();
        for (var index = 1; index <= HealthyTenants; index++)
        {
            waits.Add(await database.ScalarAsync<double>(
                "SELECT (MIN(r.StartedAt) - @begin) / 1000.0 FROM EvaluationRun r JOIN Tenant t ON t.Id = r.TenantId WHERE t.Slug = @slug", new { begin, slug = $"healthy-{index}" }));
        }

        return waits;
    }

    private static async Task<WebApplication> StartAgentAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            if (http.Request.Path == "/dead")
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            await Task.Delay(ThinkingTime, http.RequestAborted);
            await http.Response.WriteAsync("""{"reply":"answer 1"}""");
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>The tenants with dead agents come first, so that they are ahead of all others.</summary>
    private static async Task SeedAsync(BenchmarkDatabase database, string url)
    {
        await database.AddRunAsync(CasesOfARun, $$"""{"type":"http","url":"{{url}}/dead","replyPath":"reply"}""");
        await database.ExecuteAsync(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @dead + @healthy)
            INSERT INTO Tenant (Slug, Name) SELECT CASE WHEN i <= @dead THEN 'dead-' || i ELSE 'healthy-' || (i - @dead) END, 'Tenant ' || i FROM n;
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
            SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM Tenant WHERE Id > 1;
            INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
            SELECT s.Id, 1, c.Ordinal, c.CaseKey, '', c.Input, c.ExpectedOutput, c.Scoring, 1 FROM EvaluationSuite s JOIN TestCase c ON c.SuiteId = 1 WHERE s.Id > 1;
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT t.Id, 'agent', 'v' || n.i, v.Genome, v.GenomeHash, 'TESTING', 'RUNNING'
            FROM Tenant t JOIN (SELECT 1 AS i UNION ALL SELECT 2) n JOIN AgentVersion v ON v.Id = 1
            WHERE t.Id > 1 AND (n.i <= @runs OR t.Slug LIKE 'dead-%');
            UPDATE AgentVersion SET Genome = @genome, GenomeHash = @hash WHERE TenantId IN (SELECT Id FROM Tenant WHERE Slug LIKE 'healthy-%');
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT TenantId, TenantId, 1, Id, 'PENDING', 'NOT_RUN', 'TRANSITION', @cases FROM AgentVersion WHERE Id > 1;
            COMMIT;
            """,
            Parameters(url));
    }

    private static object Parameters(string url)
    {
        var genome = Domain.Genome.Parse($$$"""{"target":{"type":"http","url":"{{{url}}}/healthy","replyPath":"reply"}}""");
        return new { dead = DeadTenants, healthy = HealthyTenants, runs = RunsOfHealthy, cases = CasesOfARun, genome = genome.Json, hash = genome.Hash };
    }
}
