-- Deletes the first of a tenant's batches. Whoever works one finds it gone.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.TenantBatch
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.TenantBatch t WHERE t.TenantId = @TenantId ORDER BY t.Id);
