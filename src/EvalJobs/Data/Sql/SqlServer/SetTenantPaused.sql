-- Pauses or resumes a tenant. No row when it already is so.
-- Parameters: @TenantId bigint, @IsPaused bit
UPDATE eval.Tenant
SET IsPaused = @IsPaused
WHERE Id = @TenantId AND IsPaused <> @IsPaused;
