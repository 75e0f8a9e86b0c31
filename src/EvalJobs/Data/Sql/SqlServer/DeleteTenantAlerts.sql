-- Deletes the first of a tenant's alerts, sent or not.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.Alert
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.Alert t WHERE t.TenantId = @TenantId ORDER BY t.Id);
