-- Deletes some results of the first of a tenant's archived runs, so that those can be deleted next.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) x
FROM eval.TestCaseResultArchive x
WHERE x.RunId IN (SELECT TOP (@Limit) r.Id FROM eval.EvaluationRunArchive r WHERE r.TenantId = @TenantId ORDER BY r.Id);
