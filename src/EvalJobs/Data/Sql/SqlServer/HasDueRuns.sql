-- Whether a tenant that is not paused has work due now.
-- Parameters: @TenantId bigint
SELECT COUNT(*) AS HasDue
FROM eval.Tenant t
WHERE t.Id = @TenantId AND t.IsPaused = 0
  AND EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= SYSUTCDATETIME());
