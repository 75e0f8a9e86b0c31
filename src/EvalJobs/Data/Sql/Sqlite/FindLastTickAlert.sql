-- What was last said of the ticks, and how long ago.
SELECT Phase, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - CreatedAt AS AgeMs
FROM Alert
WHERE Topic = 'TICK' AND TenantId IS NULL
ORDER BY Id DESC
LIMIT 1;
