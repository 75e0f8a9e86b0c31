-- Purpose:    Shows the sizes of the tables of EvalJobs and Hangfire, and which indexes are used. The counters begin at the last start of the server.
-- Parameters: none. The sizes need VIEW DATABASE STATE and VIEW DEFINITION, which the role evaljobs_admin has. The index usage needs a right on the
--             server, which no role of a database can give: VIEW SERVER STATE; since SQL Server 2022 VIEW SERVER PERFORMANCE STATE; on Azure SQL Database
--             VIEW DATABASE STATE, and on its smallest tiers the server's administrator. What the login may not read is left out, and a row reports this.
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @SeesDatabase bit, @SeesDefinition bit, @SeesServer bit;

-- For a permission that this version of the server does not have, the result is NULL, not 1.
SET @SeesDatabase = CASE WHEN 1 IN (HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'VIEW DATABASE STATE'), HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'VIEW DATABASE PERFORMANCE STATE')) THEN 1 ELSE 0 END;
SET @SeesDefinition = CASE WHEN 1 IN (HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'VIEW DEFINITION'), HAS_PERMS_BY_NAME(NULL, N'DATABASE', N'VIEW SECURITY DEFINITION')) THEN 1 ELSE 0 END;
SET @SeesServer = CASE WHEN 1 IN (HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')) THEN 1 ELSE 0 END;
IF CAST(SERVERPROPERTY('EngineEdition') AS int) = 5
    SET @SeesServer = @SeesDatabase;

IF @SeesDatabase = 0 OR @SeesDefinition = 0
    SELECT N'Sizes are not shown: they need VIEW DATABASE STATE and VIEW DEFINITION in this database (02-grants.sql gives them to evaljobs_admin).' AS Remark;
ELSE
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

IF @SeesServer = 0
    SELECT N'Index usage is not shown: it needs VIEW SERVER STATE (since SQL Server 2022: VIEW SERVER PERFORMANCE STATE), which an administrator of the server grants to a login.' AS Remark;
ELSE
    SELECT s.name AS SchemaName, o.name AS TableName, i.name AS IndexName, i.is_unique AS IsUnique, i.filter_definition AS FilterDefinition,
           u.user_seeks AS Seeks, u.user_scans AS Scans, u.user_lookups AS Lookups, u.user_updates AS Updates, u.last_user_seek AS LastSeek, u.last_user_scan AS LastScan
    FROM sys.indexes i
    JOIN sys.objects o ON o.object_id = i.object_id
    JOIN sys.schemas s ON s.schema_id = o.schema_id
    LEFT JOIN sys.dm_db_index_usage_stats u ON u.object_id = i.object_id AND u.index_id = i.index_id AND u.database_id = DB_ID()
    WHERE o.type = 'U' AND s.name IN (N'eval', N'HangFire') AND i.index_id > 0
    ORDER BY s.name, o.name, i.index_id;
