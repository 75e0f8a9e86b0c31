-- Deletes archived results of those runs, at most so many: copied back just before, or past their age.
-- Parameters: @RunIds nvarchar(max), @Limit int
DELETE x
FROM eval.TestCaseResultArchive x
JOIN (SELECT TOP (@Limit) RunId, TestCaseId
      FROM eval.TestCaseResultArchive
      WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      ORDER BY RunId, TestCaseId) moved ON moved.RunId = x.RunId AND moved.TestCaseId = x.TestCaseId;
