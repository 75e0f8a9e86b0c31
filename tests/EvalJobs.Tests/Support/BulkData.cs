using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>Rows by the thousand on SQLite, where the repositories would take minutes.</summary>
public static class BulkData
{
    /// <summary>More pending runs of a tenant that has one already, each of a version of its own.</summary>
    public static Task AddPendingRunsAsync(this TestDatabase database, Tenant tenant, int count) => database.ExecuteAsync(
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Count)
        INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT v.TenantId, v.AgentName, 'bulk-' || i, v.Genome, v.GenomeHash, 'TESTING', 'RUNNING'
        FROM n JOIN AgentVersion v ON v.Id = (SELECT MIN(Id) FROM AgentVersion WHERE TenantId = @Id);
        INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold)
        SELECT r.TenantId, r.SuiteId, r.SuiteRevision, v.Id, 'PENDING', 'NOT_RUN', 'TRANSITION', r.CaseCount, r.PassThreshold
        FROM AgentVersion v JOIN EvaluationRun r ON r.Id = (SELECT MIN(Id) FROM EvaluationRun WHERE TenantId = @Id)
        WHERE v.TenantId = @Id AND v.VersionLabel LIKE 'bulk-%';
        """,
        new { tenant.Id, Count = count });

    /// <summary>More cases of a suite that has one, in its present revision: "question N", "answer N".</summary>
    public static Task AddCasesAsync(this TestDatabase database, EvaluationSuite suite, int count) => database.ExecuteAsync(
        """
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= @Count)
        INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        SELECT c.SuiteId, c.Revision, i, 'case-' || i, '', 'question ' || i, 'answer ' || i, c.Scoring, 1
        FROM n JOIN TestCase c ON c.SuiteId = @Id AND c.Revision = @Revision AND c.Ordinal = 1;
        """,
        new { suite.Id, suite.Revision, Count = count });
}
