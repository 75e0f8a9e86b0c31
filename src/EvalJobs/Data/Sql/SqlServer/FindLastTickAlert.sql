-- What was last said of the ticks, and how long ago.
-- UPDLOCK and SERIALIZABLE: of two servers that notice at once, the second waits here and sees what the first has said.
-- Parameters: none
SELECT TOP (1) Phase, DATEDIFF_BIG(millisecond, CreatedAt, SYSUTCDATETIME()) AS AgeMs
FROM eval.Alert WITH (UPDLOCK, SERIALIZABLE)
WHERE Topic = 'TICK' AND TenantId IS NULL
ORDER BY Id DESC;
