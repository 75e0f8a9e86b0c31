-- Forgets alerts that ended long ago, a small batch at a time.
DELETE FROM Alert
WHERE Id IN (SELECT Id
             FROM Alert
             WHERE EndedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000
             ORDER BY EndedAt
             LIMIT @Limit);
