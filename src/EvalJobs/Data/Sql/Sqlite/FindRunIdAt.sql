-- The id that runs had reached so long ago: greater ids are younger. 0 when there was none yet.
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT r.Id FROM EvaluationRun r WHERE r.CreatedAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @AgoMs ORDER BY r.CreatedAt DESC LIMIT 1) AS Id
      UNION ALL
      SELECT (SELECT r.Id FROM EvaluationRunArchive r WHERE r.CreatedAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @AgoMs ORDER BY r.CreatedAt DESC LIMIT 1) AS Id) x;
