using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>Inserts thousands of rows with SQL that every database accepts. The repositories would take minutes.</summary>
public static class BulkData
{
    /// <summary>The start of a statement: it may read <c>n(i)</c>, the numbers 1 to 100 000.</summary>
    public const string Numbers = """
        WITH d(i) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
                      UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
             n(i) AS (SELECT 10000 * a.i + 1000 * b.i + 100 * c.i + 10 * d.i + e.i + 1
                      FROM d a CROSS JOIN d b CROSS JOIN d c CROSS JOIN d CROSS JOIN d e)
        """;

    /// <summary>Adds pending runs to a tenant that already has one. Each run has its own version.</summary>
    public static Task AddPendingRunsAsync(this TestDatabase database, Tenant tenant, int count) => database.ExecuteAsync(
        $"""
        {Numbers}
        INSERT INTO {database.Schema}AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT v.TenantId, v.AgentName, CONCAT('bulk-', i), v.Genome, v.GenomeHash, 'TESTING', 'RUNNING'
        FROM n JOIN {database.Schema}AgentVersion v ON v.Id = (SELECT MIN(Id) FROM {database.Schema}AgentVersion WHERE TenantId = @Id)
        WHERE i <= @Count;
        INSERT INTO {database.Schema}EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold)
        SELECT r.TenantId, r.SuiteId, r.SuiteRevision, v.Id, 'PENDING', 'NOT_RUN', 'TRANSITION', r.CaseCount, r.PassThreshold
        FROM {database.Schema}AgentVersion v JOIN {database.Schema}EvaluationRun r ON r.Id = (SELECT MIN(Id) FROM {database.Schema}EvaluationRun WHERE TenantId = @Id)
        WHERE v.TenantId = @Id AND v.VersionLabel LIKE 'bulk-%';
        """,
        new { tenant.Id, Count = count });

    /// <summary>Adds cases to the current revision of a suite that already has one case: "question N", "answer N".</summary>
    public static Task AddCasesAsync(this TestDatabase database, EvaluationSuite suite, int count) => database.ExecuteAsync(
        $"""
        {Numbers}
        INSERT INTO {database.Schema}TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        SELECT c.SuiteId, c.Revision, i + 1, CONCAT('case-', i + 1), '', CONCAT('question ', i + 1), CONCAT('answer ', i + 1), c.Scoring, 1
        FROM n JOIN {database.Schema}TestCase c ON c.SuiteId = @Id AND c.Revision = @Revision AND c.Ordinal = 1
        WHERE i <= @Count;
        """,
        new { suite.Id, suite.Revision, Count = count });

    /// <summary>Adds runs that ended just now, all of one version of a new tenant, with a result for every case.</summary>
    internal static async Task AddEndedRunsAsync(this TestDatabase database, Some some, string slug, int runs, int cases)
    {
        var tenant = await some.TenantAsync(slug);
        var suite = await some.SuiteAsync(tenant, cases);
        var version = await some.VersionAsync(tenant);
        await database.ExecuteAsync(
            $"""
            {Numbers}
            INSERT INTO {database.Schema}EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassedCount)
            SELECT @TenantId, @SuiteId, 1, @VersionId, 'COMPLETED', 'NOT_RUN', 'MANUAL', @Cases, @Cases FROM n WHERE i <= @Runs;
            UPDATE {database.Schema}EvaluationRun SET CompletedAt = CreatedAt WHERE SuiteId = @SuiteId;
            INSERT INTO {database.Schema}TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
            SELECT r.Id, c.Id, 'PASSED', 1, 'out', 5 FROM {database.Schema}EvaluationRun r JOIN {database.Schema}TestCase c ON c.SuiteId = r.SuiteId WHERE r.SuiteId = @SuiteId;
            """,
            new { Runs = runs, TenantId = tenant.Id, SuiteId = suite.Id, VersionId = version.Id, Cases = cases });
    }
}
