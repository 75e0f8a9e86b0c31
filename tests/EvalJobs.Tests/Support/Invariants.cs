using Dapper;

namespace EvalJobs.Tests.Support;

/// <summary>What must be true of the evaluation tables at any moment, whoever died while writing them.</summary>
public static class Invariants
{
    private const string IsEnded = "r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')";

    private const string HasFigures = "r.Status IN ('COMPLETED', 'FAILED')";

    /// <summary>Each query names the ids that break its rule; <c>$</c> stands for the schema.</summary>
    private static readonly (string Violation, string Sql)[] Rules =
    [
        ("run {0} is not RUNNING but has a lease", "SELECT r.Id FROM $EvaluationRun r WHERE r.Status <> 'RUNNING' AND (r.LeaseOwner IS NOT NULL OR r.LeaseUntil IS NOT NULL)"),
        ("run {0} is RUNNING without a lease", "SELECT r.Id FROM $EvaluationRun r WHERE r.Status = 'RUNNING' AND (r.LeaseOwner IS NULL OR r.LeaseUntil IS NULL)"),
        ("run {0} has ended without a time of its end", $"SELECT r.Id FROM $EvaluationRun r WHERE {IsEnded} AND r.CompletedAt IS NULL"),
        ("run {0} has a time of its end but has not ended", $"SELECT r.Id FROM $EvaluationRun r WHERE NOT ({IsEnded}) AND r.CompletedAt IS NOT NULL"),
        ("run {0} was not ended exactly once", $"""
            SELECT r.Id FROM $EvaluationRun r
            WHERE CASE WHEN {IsEnded} THEN 1 ELSE 0 END <>
                  (SELECT COUNT(*) FROM $ChangeRecord h
                   WHERE h.TargetEntity = 'EvaluationRun' AND h.TargetId = r.Id AND h.Type IN ('RUN_COMPLETED', 'RUN_FAILED', 'RUN_CANCELLED'))
            """),
        ("run {0} is COMPLETED without a result for every case", """
            SELECT DISTINCT r.Id FROM $EvaluationRun r
            JOIN $TestCase c ON c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
            LEFT JOIN $TestCaseResult x ON x.RunId = r.Id AND x.TestCaseId = c.Id
            WHERE r.Status = 'COMPLETED' AND x.RunId IS NULL
            """),
        ("run {0} has two results for one case", "SELECT x.RunId FROM $TestCaseResult x GROUP BY x.RunId, x.TestCaseId HAVING COUNT(*) > 1"),
        ("run {0} has a result of a case that is not its own", """
            SELECT x.RunId FROM $TestCaseResult x
            LEFT JOIN $EvaluationRun r ON r.Id = x.RunId
            LEFT JOIN $TestCase c ON c.Id = x.TestCaseId AND c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
            WHERE c.Id IS NULL
            """),
        ("run {0} counts other cases than its suite has", """
            SELECT r.Id FROM $EvaluationRun r
            WHERE r.CaseCount <> (SELECT COUNT(*) FROM $TestCase c WHERE c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision)
            """),
        ("run {0} has counts that disagree with its results", $"""
            SELECT r.Id FROM $EvaluationRun r
            LEFT JOIN $TestCaseResult x ON x.RunId = r.Id
            WHERE {HasFigures}
            GROUP BY r.Id, r.PassedCount, r.FailedCount, r.ErroredCount, r.UnscoredCount
            HAVING r.PassedCount <> SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END)
                OR r.FailedCount <> SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END)
                OR r.ErroredCount <> SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END)
                OR r.UnscoredCount <> SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END)
            """),
        ("run {0} has a pass rate that disagrees with its counts", """
            SELECT r.Id FROM $EvaluationRun r
            WHERE r.Status = 'COMPLETED' AND r.CaseCount > 0 AND (r.PassRate IS NULL OR ABS(r.PassRate - 1.0 * r.PassedCount / r.CaseCount) > 0.000000001)
            """),
        ("version {0} has an evalStatus that disagrees with its last run", """
            SELECT v.Id FROM $AgentVersion v
            JOIN $EvaluationRun r ON r.Id = (SELECT MAX(l.Id) FROM $EvaluationRun l WHERE l.VersionId = v.Id)
            WHERE v.EvalStatus <> CASE
                WHEN r.Status IN ('PENDING', 'RUNNING') THEN 'RUNNING'
                WHEN r.Status = 'CANCELLED' THEN r.PreviousEvalStatus
                WHEN r.Status = 'COMPLETED' AND r.CaseCount > 0 AND 1.0 * r.PassedCount / r.CaseCount >= r.PassThreshold THEN 'PASS'
                ELSE 'FAIL' END
            """),
        ("run {0} is in the archive as well", "SELECT r.Id FROM $EvaluationRun r JOIN $EvaluationRunArchive a ON a.Id = r.Id"),
        ("run {0} has a result that is in the archive as well", "SELECT x.RunId FROM $TestCaseResult x JOIN $TestCaseResultArchive a ON a.RunId = x.RunId AND a.TestCaseId = x.TestCaseId"),
        ("version {0} has two live runs", "SELECT r.VersionId FROM $EvaluationRun r WHERE r.Status IN ('PENDING', 'RUNNING') GROUP BY r.VersionId HAVING COUNT(*) > 1"),
        ("tenant {0} has runs that failed for good and no alert that tells of them, or the reverse", """
            SELECT t.Id FROM $Tenant t
            WHERE (SELECT COUNT(*) FROM $ChangeRecord h WHERE h.TenantId = t.Id AND h.Type = 'RUN_FAILED') <>
                  (SELECT COALESCE(SUM(a.[Count]), 0) FROM $Alert a WHERE a.TenantId = t.Id AND a.Topic = 'FAILURE')
            """),
        ("alert {0} has ended and is still held, or the reverse", """
            SELECT a.Id FROM $Alert a WHERE (a.Status = 'PENDING' AND a.EndedAt IS NOT NULL) OR (a.Status <> 'PENDING' AND (a.EndedAt IS NULL OR a.LeaseOwner IS NOT NULL))
            """),
        ("tenant {0} has two live batches", "SELECT b.TenantId FROM $TenantBatch b WHERE b.Status IN ('QUEUED', 'RUNNING') GROUP BY b.TenantId HAVING COUNT(*) > 1"),
    ];

    /// <returns>Every violation found, as a sentence; empty when all is well.</returns>
    /// <remarks>Read outside a transaction: meaningful when nobody is writing.</remarks>
    public static async Task<List<string>> CheckAsync(TestDatabase database)
    {
        await using var connection = await database.Database.OpenAsync(CancellationToken.None);
        var violations = new List<string>();
        foreach (var (violation, sql) in Rules)
        {
            var ids = await connection.QueryAsync<long>(sql.Replace("$", database.Schema, StringComparison.Ordinal));
            violations.AddRange(ids.Distinct().Select(id => violation.Replace("{0}", $"{id}", StringComparison.Ordinal)));
        }

        return violations;
    }
}
