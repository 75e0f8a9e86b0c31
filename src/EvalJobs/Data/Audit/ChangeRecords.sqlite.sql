-- name: FindChangeRecordIdAt
-- The highest id of the audit trail at that time; later records have higher ids. 0 when there was none yet.
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT r.Id FROM {schema}ChangeRecord r WHERE r.At <= {now - @AgoMs} ORDER BY r.At DESC LIMIT 1) AS Id) x;
