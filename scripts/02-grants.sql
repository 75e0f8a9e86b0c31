-- Purpose:    Gives three kinds of users their rights, which include no DDL: the server, users who only read, and administrators who run these scripts.
--             Run it after migrate, and again after a migration that adds a schema. The users must exist: create them with CREATE LOGIN and CREATE USER
--             (docs/operate/sqlserver.md). The script needs the right to create roles and to grant rights: db_owner.
-- Parameters: @ServerUser  database user of the server; empty: none
--             @ReaderUser  database user for reports; empty: none
--             @AdminUser   database user for administrators; empty: none
--             @Apply       1 changes; 0 only shows
-- Changes:    the database roles evaljobs_server, evaljobs_reader and evaljobs_admin, their rights and their members: each listed statement that is still needed.
--             Hangfire's schema is HangFire here: if Hangfire:SchemaName is another one, replace it below. If Hangfire uses another database, run the
--             script there, too. Rights on objects that this database does not have are left out. No audit record, because no data changes.
--             The index usage of 41-storage-and-indexes.sql needs a right on the server, which no role of a database can give.
-- Undo:       ALTER ROLE … DROP MEMBER, DROP ROLE
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @ServerUser sysname = N'';
DECLARE @ReaderUser sysname = N'';
DECLARE @AdminUser sysname = N'';
DECLARE @Apply bit = 0;

DECLARE @Sql nvarchar(max);
DECLARE @Member TABLE (RoleName sysname NOT NULL PRIMARY KEY, UserName sysname NOT NULL);
DECLARE @Right TABLE (RoleName sysname NOT NULL, State nvarchar(10) NOT NULL, Permission nvarchar(60) NOT NULL, Securable nvarchar(100) NOT NULL, PRIMARY KEY (RoleName, State, Permission, Securable));
DECLARE @Step TABLE (Position int IDENTITY(1, 1) NOT NULL PRIMARY KEY, Statement nvarchar(600) NOT NULL, IsThere bit NOT NULL);

IF @ServerUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @ServerUser)
    THROW 50015, N'@ServerUser is not a user of this database: CREATE USER it first.', 1;
IF @ReaderUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @ReaderUser)
    THROW 50015, N'@ReaderUser is not a user of this database: CREATE USER it first.', 1;
IF @AdminUser <> N'' AND NOT EXISTS (SELECT 1 FROM sys.database_principals p WHERE p.name = @AdminUser)
    THROW 50015, N'@AdminUser is not a user of this database: CREATE USER it first.', 1;
IF SCHEMA_ID(N'eval') IS NULL AND SCHEMA_ID(N'HangFire') IS NULL
    THROW 50020, N'The schemas eval and HangFire do not exist: first run EvalJobs.Server migrate or 01-install-or-upgrade.sql.', 1;

INSERT INTO @Member (RoleName, UserName)
VALUES (N'evaljobs_server', @ServerUser), (N'evaljobs_reader', @ReaderUser), (N'evaljobs_admin', @AdminUser);

-- The server changes rows, never tables. It adds records to the audit trail and deletes old ones by Retention, but never changes one.
INSERT INTO @Right (RoleName, State, Permission, Securable)
VALUES (N'evaljobs_server', N'GRANT', N'SELECT', N'SCHEMA::eval'), (N'evaljobs_server', N'GRANT', N'INSERT', N'SCHEMA::eval'),
       (N'evaljobs_server', N'GRANT', N'UPDATE', N'SCHEMA::eval'), (N'evaljobs_server', N'GRANT', N'DELETE', N'SCHEMA::eval'),
       (N'evaljobs_server', N'DENY', N'UPDATE', N'eval.ChangeRecord'),
       (N'evaljobs_server', N'GRANT', N'SELECT', N'dbo.EvalJobsSchemaVersions'),
       (N'evaljobs_server', N'GRANT', N'SELECT', N'SCHEMA::HangFire'), (N'evaljobs_server', N'GRANT', N'INSERT', N'SCHEMA::HangFire'),
       (N'evaljobs_server', N'GRANT', N'UPDATE', N'SCHEMA::HangFire'), (N'evaljobs_server', N'GRANT', N'DELETE', N'SCHEMA::HangFire');

INSERT INTO @Right (RoleName, State, Permission, Securable)
VALUES (N'evaljobs_reader', N'GRANT', N'SELECT', N'SCHEMA::eval');

-- The administrators' scripts do not change records of the audit trail either. ALTER is for SET IDENTITY_INSERT in 31-restore-from-archive.sql and 'run restore';
-- VIEW DATABASE STATE and VIEW DEFINITION, of the whole database, are for the sizes of 41-storage-and-indexes.sql.
INSERT INTO @Right (RoleName, State, Permission, Securable)
VALUES (N'evaljobs_admin', N'GRANT', N'SELECT', N'SCHEMA::eval'), (N'evaljobs_admin', N'GRANT', N'INSERT', N'SCHEMA::eval'),
       (N'evaljobs_admin', N'GRANT', N'UPDATE', N'SCHEMA::eval'), (N'evaljobs_admin', N'GRANT', N'DELETE', N'SCHEMA::eval'),
       (N'evaljobs_admin', N'DENY', N'UPDATE', N'eval.ChangeRecord'),
       (N'evaljobs_admin', N'GRANT', N'ALTER', N'eval.EvaluationRun'),
       (N'evaljobs_admin', N'GRANT', N'SELECT', N'dbo.EvalJobsSchemaVersions'),
       (N'evaljobs_admin', N'GRANT', N'VIEW DATABASE STATE', N''), (N'evaljobs_admin', N'GRANT', N'VIEW DEFINITION', N''),
       (N'evaljobs_admin', N'GRANT', N'SELECT', N'SCHEMA::HangFire');

DELETE FROM @Right
WHERE (Securable LIKE N'SCHEMA::%' AND SCHEMA_ID(SUBSTRING(Securable, 9, 100)) IS NULL)
   OR (Securable LIKE N'%.%' AND OBJECT_ID(Securable) IS NULL);

INSERT INTO @Step (Statement, IsThere)
SELECT CONCAT(N'CREATE ROLE ', m.RoleName, N' AUTHORIZATION dbo'),
       CASE WHEN DATABASE_PRINCIPAL_ID(m.RoleName) IS NOT NULL THEN 1 ELSE 0 END
FROM @Member m
ORDER BY m.RoleName;

INSERT INTO @Step (Statement, IsThere)
SELECT CONCAT(q.State, N' ', q.Permission, CASE WHEN q.Securable <> N'' THEN CONCAT(N' ON ', q.Securable) END, N' TO ', q.RoleName),
       CASE WHEN EXISTS (SELECT 1
                         FROM sys.database_permissions d
                         WHERE d.grantee_principal_id = DATABASE_PRINCIPAL_ID(q.RoleName)
                           AND d.state_desc COLLATE DATABASE_DEFAULT = q.State AND d.permission_name COLLATE DATABASE_DEFAULT = q.Permission
                           AND d.class = CASE WHEN q.Securable = N'' THEN 0 WHEN q.Securable LIKE N'SCHEMA::%' THEN 3 ELSE 1 END
                           AND d.major_id = CASE WHEN q.Securable = N'' THEN 0
                                                 WHEN q.Securable LIKE N'SCHEMA::%' THEN SCHEMA_ID(SUBSTRING(q.Securable, 9, 100))
                                                 ELSE OBJECT_ID(q.Securable) END
                           AND d.minor_id = 0) THEN 1 ELSE 0 END
FROM @Right q
ORDER BY q.RoleName, q.Securable, q.State, q.Permission;

INSERT INTO @Step (Statement, IsThere)
SELECT CONCAT(N'ALTER ROLE ', m.RoleName, N' ADD MEMBER ', QUOTENAME(m.UserName)),
       CASE WHEN EXISTS (SELECT 1
                         FROM sys.database_role_members x
                         WHERE x.role_principal_id = DATABASE_PRINCIPAL_ID(m.RoleName) AND x.member_principal_id = DATABASE_PRINCIPAL_ID(m.UserName)) THEN 1 ELSE 0 END
FROM @Member m
WHERE m.UserName <> N''
ORDER BY m.RoleName;

SET @Sql = (SELECT STRING_AGG(CAST(s.Statement AS nvarchar(max)), N'; ') WITHIN GROUP (ORDER BY s.Position) FROM @Step s WHERE s.IsThere = 0);

BEGIN TRY
    BEGIN TRANSACTION;

    IF @Apply = 1 AND @Sql IS NOT NULL
        EXEC sp_executesql @Sql;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT s.Statement, CASE WHEN s.IsThere = 1 THEN N'is already as requested' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Step s
ORDER BY s.Position;

-- The members of the roles now.
SELECT r.name AS RoleName, m.name AS MemberName
FROM sys.database_principals r
JOIN sys.database_role_members x ON x.role_principal_id = r.principal_id
JOIN sys.database_principals m ON m.principal_id = x.member_principal_id
WHERE r.name IN (N'evaljobs_server', N'evaljobs_reader', N'evaljobs_admin')
ORDER BY r.name, m.name;
