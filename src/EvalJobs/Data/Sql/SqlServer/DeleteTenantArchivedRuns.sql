-- Deletes the first of a tenant's archived runs; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.EvaluationRunArchive
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.EvaluationRunArchive t WHERE t.TenantId = @TenantId ORDER BY t.Id);
