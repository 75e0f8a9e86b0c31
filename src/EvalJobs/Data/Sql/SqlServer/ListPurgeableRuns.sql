-- Archived runs past the age at which they are deleted for good, oldest first. UPDLOCK and READPAST: two cleanups at once take different runs.
-- Parameters: @Days int, @Limit int
SELECT TOP (@Limit) Id, CaseCount
FROM eval.EvaluationRunArchive WITH (UPDLOCK, READPAST, ROWLOCK)
WHERE CompletedAt < DATEADD(day, -@Days, SYSUTCDATETIME())
ORDER BY CompletedAt, Id;
