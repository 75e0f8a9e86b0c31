-- Purpose:    Gives the three kinds of users their rights, none of them DDL: the server, people who only read, administrators who run these scripts.
--             Run it after migrate, and again after a migration that adds a schema. Users must exist: CREATE LOGIN and CREATE USER are yours (docs/sqlserver.md).
-- Parameters: @ServerUser  database user of the server; empty: none
--             @ReaderUser  database user for reports; empty: none
--             @AdminUser   database user for administrators; empty: none
--             @Apply       1 changes; 0 shows
-- Changes:    database roles evaljobs_server, evaljobs_reader, evaljobs_admin with their grants, and their members. Hangfire's schema is HangFire here; if
--             Hangfire:SchemaName says otherwise, replace it below; if Hangfire has a database of its own, run the part for it there. No audit record: no data changes.
-- Undo:       ALTER ROLE … DROP MEMBER, DROP ROLE
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;

DECLARE @ServerUser sysname = N'';
DECLARE @ReaderUser sysname = N'';
DECLARE @AdminUser sysname = N'';
DECLARE @Apply bit = 0;

DECLARE @Members nvarchar(max) = N'';

IF @ServerUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @ServerUser)
    THROW 50015, N'@ServerUser is not a user of this database: CREATE USER it first.', 1;
IF @ReaderUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @ReaderUser)
    THROW 50015, N'@ReaderUser is not a user of this database: CREATE USER it first.', 1;
IF @AdminUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @AdminUser)
    THROW 50015, N'@AdminUser is not a user of this database: CREATE USER it first.', 1;

IF @ServerUser <> N''
    SET @Members = CONCAT(@Members, N'ALTER ROLE evaljobs_server ADD MEMBER ', QUOTENAME(@ServerUser), N'; ');
IF @ReaderUser <> N''
    SET @Members = CONCAT(@Members, N'ALTER ROLE evaljobs_reader ADD MEMBER ', QUOTENAME(@ReaderUser), N'; ');
IF @AdminUser <> N''
    SET @Members = CONCAT(@Members, N'ALTER ROLE evaljobs_admin ADD MEMBER ', QUOTENAME(@AdminUser), N'; ');

BEGIN TRY
    BEGIN TRANSACTION;

    IF @Apply = 1
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = N'evaljobs_server')
            CREATE ROLE evaljobs_server AUTHORIZATION dbo;
        IF NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = N'evaljobs_reader')
            CREATE ROLE evaljobs_reader AUTHORIZATION dbo;
        IF NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = N'evaljobs_admin')
            CREATE ROLE evaljobs_admin AUTHORIZATION dbo;

        -- The server: rows, never tables. It writes the audit trail and, past Retention, forgets it, but never rewrites it.
        GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::eval TO evaljobs_server;
        DENY UPDATE ON eval.ChangeRecord TO evaljobs_server;
        GRANT SELECT ON dbo.EvalJobsSchemaVersions TO evaljobs_server;
        IF SCHEMA_ID(N'HangFire') IS NOT NULL
            GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::HangFire TO evaljobs_server;

        GRANT SELECT ON SCHEMA::eval TO evaljobs_reader;

        -- These scripts, which do not rewrite the audit trail either. ALTER is for SET IDENTITY_INSERT in 31-restore-from-archive.sql and 'run restore', VIEW DATABASE STATE for 41-storage-and-indexes.sql.
        GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::eval TO evaljobs_admin;
        DENY UPDATE ON eval.ChangeRecord TO evaljobs_admin;
        GRANT ALTER ON eval.EvaluationRun TO evaljobs_admin;
        GRANT SELECT ON dbo.EvalJobsSchemaVersions TO evaljobs_admin;
        GRANT VIEW DATABASE STATE TO evaljobs_admin;
        IF SCHEMA_ID(N'HangFire') IS NOT NULL
            GRANT SELECT ON SCHEMA::HangFire TO evaljobs_admin;

        EXEC sp_executesql @Members;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT r.name AS RoleName, m.name AS MemberName, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM sys.database_principals r
LEFT JOIN sys.database_role_members x ON x.role_principal_id = r.principal_id
LEFT JOIN sys.database_principals m ON m.principal_id = x.member_principal_id
WHERE r.name IN (N'evaljobs_server', N'evaljobs_reader', N'evaljobs_admin')
ORDER BY r.name, m.name;

SELECT p.name AS RoleName, d.state_desc AS State, d.permission_name AS Permission, d.class_desc AS OnClass,
       COALESCE(SCHEMA_NAME(CASE WHEN d.class = 3 THEN d.major_id END), OBJECT_NAME(CASE WHEN d.class = 1 THEN d.major_id END)) AS OnName
FROM sys.database_permissions d
JOIN sys.database_principals p ON p.principal_id = d.grantee_principal_id
WHERE p.name IN (N'evaljobs_server', N'evaljobs_reader', N'evaljobs_admin')
ORDER BY p.name, d.class_desc, d.permission_name;
