-- Forgets the oldest lines of the audit trail past their age.
DELETE FROM ChangeRecord
WHERE Id IN (SELECT Id FROM ChangeRecord ORDER BY Id LIMIT @Limit)
  AND At < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000;
