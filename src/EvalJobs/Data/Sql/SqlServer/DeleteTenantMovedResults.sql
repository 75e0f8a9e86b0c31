-- Deletes some archived results of the first of a tenant's runs: those on their way to the archive or back.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) x
FROM eval.TestCaseResultArchive x
WHERE x.RunId IN (SELECT TOP (@Limit) r.Id FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId ORDER BY r.Id);
