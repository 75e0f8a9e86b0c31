-- The id that runs had reached so long ago: greater ids are younger. 0 when there was none yet.
-- Two steps back, whole days and the rest: DATEADD takes an int.
-- Parameters: @AgoMs bigint
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT TOP (1) r.Id FROM eval.EvaluationRun r WHERE r.CreatedAt <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), SYSUTCDATETIME())) ORDER BY r.CreatedAt DESC) AS Id
      UNION ALL
      SELECT (SELECT TOP (1) r.Id FROM eval.EvaluationRunArchive r WHERE r.CreatedAt <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), SYSUTCDATETIME())) ORDER BY r.CreatedAt DESC) AS Id) x;
