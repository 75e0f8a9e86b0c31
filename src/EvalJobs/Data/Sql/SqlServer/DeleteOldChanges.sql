-- Forgets the oldest lines of the audit trail past their age.
-- Parameters: @Days int, @Limit int
DELETE FROM eval.ChangeRecord
WHERE Id IN (SELECT TOP (@Limit) Id FROM eval.ChangeRecord ORDER BY Id)
  AND At < DATEADD(day, -@Days, SYSUTCDATETIME());
