-- The id that the audit trail had reached so long ago: greater ids are younger. 0 when there was none yet.
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT r.Id FROM ChangeRecord r WHERE r.At <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @AgoMs ORDER BY r.At DESC LIMIT 1) AS Id) x;
