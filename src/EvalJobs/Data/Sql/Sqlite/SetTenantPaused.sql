-- Pauses or resumes a tenant. No row when it already is so.
UPDATE Tenant
SET IsPaused = @IsPaused
WHERE Id = @TenantId AND IsPaused <> @IsPaused;
