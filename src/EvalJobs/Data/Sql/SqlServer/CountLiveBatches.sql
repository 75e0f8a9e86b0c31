-- Batches that are queued or being worked.
-- Parameters: none
SELECT COUNT(*) AS LiveCount
FROM eval.TenantBatch
WHERE Status IN ('QUEUED', 'RUNNING');
