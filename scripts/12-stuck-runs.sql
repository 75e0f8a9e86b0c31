-- Purpose:    Running runs whose worker is gone or that have run for long. The tick takes lapsed leases back by itself; what stays here needs a look.
-- Parameters: @OlderThanMinutes  also runs that started longer ago than this, though their lease is renewed
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @OlderThanMinutes int = 60;

IF @OlderThanMinutes IS NULL OR @OlderThanMinutes NOT BETWEEN 0 AND 525600
    THROW 50023, N'@OlderThanMinutes must be from 0 to 525600 minutes.', 1;

SELECT r.Id AS RunId, t.Slug, v.AgentName, v.VersionLabel, r.Attempt, r.LeaseOwner, r.LeaseUntil, r.StartedAt,
       DATEDIFF_BIG(second, r.LeaseUntil, SYSUTCDATETIME()) AS SecondsSinceLeaseEnded,
       (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId = r.Id) AS AnsweredCases, r.CaseCount,
       CASE WHEN r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3)) THEN N'lease lapsed: the next tick takes it back' ELSE N'its worker lives' END AS Finding
FROM eval.EvaluationRun r
JOIN eval.Tenant t ON t.Id = r.TenantId
JOIN eval.AgentVersion v ON v.Id = r.VersionId
WHERE r.Status = 'RUNNING'
  AND (r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3)) OR r.StartedAt < DATEADD(minute, -@OlderThanMinutes, CAST(SYSUTCDATETIME() AS datetime2(3))))
ORDER BY r.LeaseUntil, r.Id;
