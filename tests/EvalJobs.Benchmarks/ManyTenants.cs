using System.Globalization;

namespace EvalJobs.Benchmarks;

/// <summary>
/// Many tenants at once, each with two runs of one case and a batch limit of one, so that every tenant has to be queued twice: how many runs per
/// second the real server completes, from its first claim to the last end. Most of the work is transactions, so this shows the cost of queueing.
/// </summary>
internal static class ManyTenants
{
    public static async Task<int> RunAsync(string[] args)
    {
        var tenants = args is [var count, ..] ? int.Parse(count, CultureInfo.InvariantCulture) : 2_000;
        await using var agent = await LoopbackAgent.StartAsync();
        await using var database = await BenchmarkDatabase.CreateAsync();
        await SeedAsync(database, tenants, agent.Urls.First());

        using var server = BenchmarkServer.Start(database.Options, ("Dispatch:BatchLimit", "1"));
        while (await database.ScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRun WHERE Status IN ('PENDING', 'RUNNING')") > 0)
            await Task.Delay(500);

        var seconds = await database.ScalarAsync<double>("SELECT (MAX(CompletedAt) - MIN(StartedAt)) / 1000.0 FROM EvaluationRun");
        var completed = await database.ScalarAsync<long>("SELECT COUNT(*) FROM EvaluationRun WHERE Status = 'COMPLETED'");
        Console.WriteLine($"{tenants} tenants, {completed} of {2 * tenants} runs completed: {completed / seconds:0} runs/s ({seconds:0.0} s)");
        return completed == 2 * tenants ? 0 : 1;
    }

    internal static async Task SeedAsync(BenchmarkDatabase database, int tenants, string url)
    {
        await database.AddRunAsync(1, $$"""{"type":"http","url":"{{url}}/","replyPath":"reply"}""");
        await database.ExecuteAsync(
            """
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < @tenants)
            INSERT INTO Tenant (Slug, Name) SELECT 'tenant-' || i, 'Tenant ' || i FROM n;
            INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
            SELECT Id, 'suite', '', 1, 0.8, 1, '[]' FROM Tenant WHERE Id > 1;
            INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
            SELECT s.Id, 1, 1, 'case-1', '', c.Input, c.ExpectedOutput, c.Scoring, 1 FROM EvaluationSuite s JOIN TestCase c ON c.Id = 1 WHERE s.Id > 1;
            INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
            SELECT t.Id, 'agent', 'v' || n.i, v.Genome, v.GenomeHash, 'TESTING', 'RUNNING'
            FROM Tenant t JOIN (SELECT 2 AS i UNION ALL SELECT 3) n JOIN AgentVersion v ON v.Id = 1
            WHERE t.Id > 1 OR n.i = 2;
            INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
            SELECT TenantId, TenantId, 1, Id, 'PENDING', 'NOT_RUN', 'TRANSITION', 1 FROM AgentVersion WHERE Id > 1;
            COMMIT;
            """,
            new { tenants });
    }
}
