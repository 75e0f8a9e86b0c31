-- name: FindChangeRecordIdAt
-- The highest id of the audit trail at that time; later records have higher ids. 0 when there was none yet.
-- Subtracts whole days and the rest separately, because DATEADD takes an int.
-- Parameters: @AgoMs bigint
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT TOP (1) r.Id FROM {schema}ChangeRecord r WHERE r.At <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), {now})) ORDER BY r.At DESC) AS Id) x;
