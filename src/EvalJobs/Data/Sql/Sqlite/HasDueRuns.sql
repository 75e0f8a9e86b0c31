-- Whether a tenant that is not paused has work due now.
SELECT COUNT(*) AS HasDue
FROM Tenant t
WHERE t.Id = @TenantId AND t.IsPaused = 0
  AND EXISTS (SELECT 1 FROM EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER));
