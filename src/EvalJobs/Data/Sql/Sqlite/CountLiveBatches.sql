-- Batches that are queued or being worked.
SELECT COUNT(*) AS LiveCount
FROM TenantBatch
WHERE Status IN ('QUEUED', 'RUNNING');
