-- Deletes the copied results: the same ones, by the same order and limit.
-- Parameters: @RunIds nvarchar(max), @Limit int
DELETE x
FROM eval.TestCaseResult x
JOIN (SELECT TOP (@Limit) RunId, TestCaseId
      FROM eval.TestCaseResult
      WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      ORDER BY RunId, TestCaseId) moved ON moved.RunId = x.RunId AND moved.TestCaseId = x.TestCaseId;
