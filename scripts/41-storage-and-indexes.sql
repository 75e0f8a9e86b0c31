-- Purpose:    How large the tables of EvalJobs and Hangfire are, and which indexes are used. Counters begin at the server's last start.
-- Parameters: none; needs VIEW DATABASE STATE
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;

SELECT s.name AS SchemaName, o.name AS TableName,
       SUM(CASE WHEN p.index_id IN (0, 1) THEN p.row_count ELSE 0 END) AS RowCountTotal,
       CAST(SUM(p.reserved_page_count) / 128.0 AS decimal(18, 1)) AS ReservedMb,
       CAST(SUM(CASE WHEN p.index_id IN (0, 1) THEN p.used_page_count ELSE 0 END) / 128.0 AS decimal(18, 1)) AS DataMb,
       CAST(SUM(CASE WHEN p.index_id > 1 THEN p.used_page_count ELSE 0 END) / 128.0 AS decimal(18, 1)) AS IndexMb
FROM sys.dm_db_partition_stats p
JOIN sys.objects o ON o.object_id = p.object_id
JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type = 'U' AND s.name IN (N'eval', N'HangFire')
GROUP BY s.name, o.name
ORDER BY ReservedMb DESC;

SELECT s.name AS SchemaName, o.name AS TableName, i.name AS IndexName, i.is_unique AS IsUnique, i.filter_definition AS FilterDefinition,
       u.user_seeks AS Seeks, u.user_scans AS Scans, u.user_lookups AS Lookups, u.user_updates AS Updates, u.last_user_seek AS LastSeek, u.last_user_scan AS LastScan
FROM sys.indexes i
JOIN sys.objects o ON o.object_id = i.object_id
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.dm_db_index_usage_stats u ON u.object_id = i.object_id AND u.index_id = i.index_id AND u.database_id = DB_ID()
WHERE o.type = 'U' AND s.name IN (N'eval', N'HangFire') AND i.index_id > 0
ORDER BY s.name, o.name, i.index_id;
