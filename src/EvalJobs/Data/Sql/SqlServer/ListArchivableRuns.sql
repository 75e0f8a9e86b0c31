-- Ended runs past retention, oldest first. A run that came back from the archive has its time again.
-- A run has at most CaseCount results: nobody has to count them. UPDLOCK and READPAST: two cleanups at once take different runs.
-- Parameters: @Days int, @Limit int
SELECT TOP (@Limit) Id, CaseCount
FROM eval.EvaluationRun WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE CompletedAt < DATEADD(day, -@Days, SYSUTCDATETIME())
  AND (RestoredAt IS NULL OR RestoredAt < DATEADD(day, -@Days, SYSUTCDATETIME()))
ORDER BY CompletedAt, Id;
