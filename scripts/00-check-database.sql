-- Purpose:    Checks whether EvalJobs can use this database, and shows its migrations and the version of Hangfire's schema. It can also switch on
--             read-committed snapshot. 01-install-or-upgrade.sql or EvalJobs.Server migrate creates and upgrades the tables.
-- Parameters: @ReadCommittedSnapshot  1: readers (the dashboard, reports) do not wait for writers. EvalJobs works with it and without it
--             @Apply                  1 changes the option; 0 only shows it
-- Changes:    with @Apply = 1 the database option READ_COMMITTED_SNAPSHOT. It does not wait: while other sessions use the database, the change fails, so
--             stop the servers first. It is outside any transaction, as SQL Server requires. No audit record, because no data of EvalJobs changes.
-- Undo:       run it again with the other value of @ReadCommittedSnapshot
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @ReadCommittedSnapshot bit = 1;
DECLARE @Apply bit = 0;

IF @ReadCommittedSnapshot IS NULL
    THROW 50025, N'@ReadCommittedSnapshot must be 0 or 1.', 1;

DECLARE @Version int = CAST(SERVERPROPERTY('ProductMajorVersion') AS int);
DECLARE @IsAzure bit = CASE WHEN CAST(SERVERPROPERTY('EngineEdition') AS int) IN (5, 8) THEN 1 ELSE 0 END;

DECLARE @UserOptions int = (SELECT CAST(c.value_in_use AS int) FROM sys.configurations c WHERE c.name = N'user options');
DECLARE @IsSnapshotOn bit = (SELECT d.is_read_committed_snapshot_on FROM sys.databases d WHERE d.database_id = DB_ID());

SELECT d.name AS DatabaseName, CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS ServerVersion, d.compatibility_level AS CompatibilityLevel,
       d.collation_name AS CollationName, d.is_read_committed_snapshot_on AS IsReadCommittedSnapshotOn, d.is_parameterization_forced AS IsParameterizationForced,
       @UserOptions AS UserOptions,
       CASE WHEN @IsAzure = 0 AND @Version < 15 THEN N'not supported: EvalJobs needs SQL Server 2019 or newer, or Azure SQL'
            WHEN d.compatibility_level < 150 THEN N'not supported: raise the compatibility level to 150 or more'
            WHEN d.is_read_only = 1 THEN N'not supported: the database is read-only'
            ELSE N'supported' END AS Finding,
       CONCAT_WS(N'; ',
           CASE WHEN @UserOptions & 512 <> 0 THEN N'the server''s user options have NOCOUNT on; EvalJobs switches it off for itself' END,
           CASE WHEN @UserOptions & 2 <> 0 THEN N'the server''s user options have IMPLICIT_TRANSACTIONS on; EvalJobs switches it off for itself' END,
           CASE WHEN @UserOptions & 8192 <> 0 THEN N'the server''s user options have NUMERIC_ROUNDABORT on; EvalJobs switches it off for itself' END,
           CASE WHEN d.is_parameterization_forced = 1 THEN N'PARAMETERIZATION FORCED prevents SQL Server from using the filtered indexes: ALTER DATABASE CURRENT SET PARAMETERIZATION SIMPLE' END,
           CASE WHEN d.is_read_committed_snapshot_on = 0 THEN N'READ_COMMITTED_SNAPSHOT is off: readers wait for writers' END) AS Warnings
FROM sys.databases d
WHERE d.database_id = DB_ID();

IF OBJECT_ID(N'dbo.EvalJobsSchemaVersions') IS NULL
    SELECT N'No migration has run: run 01-install-or-upgrade.sql or EvalJobs.Server migrate' AS Migrations;
ELSE
    SELECT m.ScriptName, m.Applied
    FROM dbo.EvalJobsSchemaVersions m
    ORDER BY m.ScriptName;

IF OBJECT_ID(N'HangFire.[Schema]') IS NULL
    SELECT N'Hangfire has no tables in the schema HangFire: it stores its jobs in memory or in another database or schema, or is not installed yet' AS Hangfire;
ELSE
    SELECT h.[Version] AS HangfireSchemaVersion
    FROM [HangFire].[Schema] h;

IF @Apply = 1 AND @ReadCommittedSnapshot = 1 AND @IsSnapshotOn = 0
    ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH NO_WAIT;
IF @Apply = 1 AND @ReadCommittedSnapshot = 0 AND @IsSnapshotOn = 1
    ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT OFF WITH NO_WAIT;

SELECT d.is_read_committed_snapshot_on AS IsReadCommittedSnapshotOn, @ReadCommittedSnapshot AS Wanted, CASE WHEN @IsSnapshotOn = @ReadCommittedSnapshot THEN N'was already as requested' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM sys.databases d
WHERE d.database_id = DB_ID();
