using System.Globalization;
using Dapper;
using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Plans;

/// <summary>Fills a database on SQL Server with the tenants and the history for the check of plans.</summary>
internal static class HotQueryLoad
{
    private const int Tenants = 10_000;
    private const int EndedRuns = 1_000_000;

    public static readonly string[] Steps =
    [
        "INSERT INTO eval.Tenant (Slug, Name) SELECT CONCAT(N'load-', i), CONCAT(N'Load ', i) FROM n WHERE i > @First AND i <= @Last",
        "INSERT INTO eval.EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags) SELECT t.Id, N'suite', N'', 1, 0.8, 1, N'[]' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last",
        """
        INSERT INTO eval.TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        SELECT s.Id, 1, c.Ordinal, CONCAT(N'case-', c.Ordinal), N'', N'question', N'answer', N'{"type":"exact_match"}', 1
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id CROSS JOIN (VALUES (1), (2), (3)) c(Ordinal)
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        SELECT t.Id, N'agent', N'1', N'{}', REPLICATE('0', 64), 'DRAFT', 'PASS' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.TenantBatch (TenantId, Status, LeaseUntil, QueuedAt, FinishedAt)
        SELECT t.Id, 'COMPLETED', DATEADD(day, -1, SYSUTCDATETIME()), DATEADD(day, -1, SYSUTCDATETIME()), DATEADD(day, -1, SYSUTCDATETIME()) FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount, PassedCount, PassRate, CreatedAt, StartedAt, CompletedAt, LastFailedAt, Attempt)
        SELECT t.Id, s.Id, 1, v.Id, CASE WHEN o.Number = 1 AND n.i % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, 'NOT_RUN', 'MANUAL', 3, 3, 1, o.At, o.At, o.At, CASE WHEN o.Number = 1 AND n.i % 10 = 0 THEN o.At END, 1
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id JOIN eval.AgentVersion v ON v.TenantId = t.Id
        CROSS JOIN (SELECT m.i AS Number, DATEADD(minute, -m.i * 1200, SYSUTCDATETIME()) AS At FROM n m WHERE m.i <= @RunsEach) o
        WHERE n.i > @First AND n.i <= @Last
        """,
        """
        INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
        SELECT r.Id, c.Id, 'PASSED', 1, N'out', 5
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationRun r ON r.TenantId = t.Id JOIN eval.TestCase c ON c.SuiteId = r.SuiteId
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, PreviousEvalStatus, [Trigger], CaseCount)
        SELECT t.Id, s.Id, 1, v.Id, 'PENDING', 'NOT_RUN', 'MANUAL', 3
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id JOIN eval.AgentVersion v ON v.TenantId = t.Id
        WHERE i > @First AND i <= @Last AND i % 10 = 0
        """,
        """
        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT t.Id, N'RUN_COMPLETED', N'EvaluationRun', t.Id, N'system', N'{}' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) CROSS JOIN (SELECT m.i AS Number FROM n m WHERE m.i <= 10) o WHERE n.i > @First AND n.i <= @Last
        """,
        """
        INSERT INTO eval.EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, PreviousEvalStatus, [Trigger], CreatedAt, StartedAt, CompletedAt, CaseCount,
                                               PassedCount, FailedCount, ErroredCount, UnscoredCount, PassRate)
        SELECT 1000000000 + 10 * t.Id + o.Number, t.Id, s.Id, 1, v.Id, 'COMPLETED', 0, o.At, 1, 'NOT_RUN', 'MANUAL', o.At, o.At, o.At, 3, 3, 0, 0, 0, 1
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationSuite s ON s.TenantId = t.Id JOIN eval.AgentVersion v ON v.TenantId = t.Id
        CROSS JOIN (SELECT m.i AS Number, DATEADD(day, -100 - m.i, SYSUTCDATETIME()) AS At FROM n m WHERE m.i <= 10) o
        WHERE n.i > @First AND n.i <= @Last
        """,
        """
        INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, DurationMs)
        SELECT r.Id, c.Id, 'PASSED', 1, N'out', 5
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationRunArchive r ON r.TenantId = t.Id JOIN eval.TestCase c ON c.SuiteId = r.SuiteId
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.VersionGate (TenantId, VersionId, Round, Alpha, NeedsSecondPerson, NeedsApprover, Actor)
        SELECT t.Id, v.Id, 1, 0.05, 0, 0, N'load' FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.AgentVersion v ON v.TenantId = t.Id WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass)
        SELECT g.Id, t.Id, g.VersionId, 1, s.Id, 1, 'RATE', 0.8, N'{}', N'[]'
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.VersionGate g ON g.TenantId = t.Id JOIN eval.EvaluationSuite s ON s.TenantId = t.Id
        WHERE i > @First AND i <= @Last
        """,
        """
        INSERT INTO eval.RunLook (RunId, TenantId, VersionId, SuiteId, SuiteRevision, Outcomes, CompletedAt)
        SELECT r.Id, t.Id, r.VersionId, r.SuiteId, 1, N'PPP', r.CompletedAt
        FROM n JOIN eval.Tenant t ON t.Slug = CONCAT(N'load-', i) JOIN eval.EvaluationRun r ON r.TenantId = t.Id
        WHERE i > @First AND i <= @Last AND r.Status = 'COMPLETED'
        """,
    ];

    /// <summary>A suite with three cases and a version for each tenant, a hundred ended runs each, one pending run for every tenth, an ended batch and ten audit records; ten archived
    /// runs of each tenant, and evidence of every completed run.</summary>
    public static async Task LoadAsync(TestDatabase database)
    {
        await using var connection = new SqlConnection(database.Options.ConnectionString);
        await connection.OpenAsync();
        foreach (var step in Steps)
        {
            // A million rows at once would be one huge transaction.
            for (var part = 0; part < 10; part++)
                await connection.ExecuteAsync($"{BulkData.Numbers}\n{step}", new { First = part * Tenants / 10, Last = (part + 1) * Tenants / 10, RunsEach = EndedRuns / Tenants }, commandTimeout: 1800);
        }

        foreach (var table in AdminTestData.Tables)
            await connection.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE STATISTICS eval.{table} WITH FULLSCAN"), commandTimeout: 1800);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT_BIG(*) FROM eval.EvaluationRun WHERE CompletedAt IS NOT NULL")).Should().Be(EndedRuns);
    }
}
