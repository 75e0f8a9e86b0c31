-- Purpose:    Shows all data stored about one tenant, one result set per table. The tenant's secrets are not in the database. The result is for reading and
--             not a complete copy: SSMS cuts a text at 65,535 characters in the grid and at 256 in text results, sqlcmd at 256, or with -y 0 at 1 MB.
--             For a complete copy use bcp, one file per table: "A copy of a tenant" in docs/operate/sqlserver.md.
-- Parameters: @TenantSlug  the tenant
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

    SELECT N'Tenant' AS TableName, x.* FROM eval.Tenant x WHERE x.Id = @TenantId;
    SELECT N'TenantHealth' AS TableName, x.* FROM eval.TenantHealth x WHERE x.TenantId = @TenantId;
    SELECT N'EndpointOutage' AS TableName, x.* FROM eval.EndpointOutage x WHERE x.TenantId = @TenantId;
    SELECT N'AgentVersion' AS TableName, x.* FROM eval.AgentVersion x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'EvaluationSuite' AS TableName, x.* FROM eval.EvaluationSuite x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'TestCase' AS TableName, x.* FROM eval.TestCase x
    WHERE x.SuiteId IN (SELECT s.Id FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId) ORDER BY x.Id;
    SELECT N'RunSchedule' AS TableName, x.* FROM eval.RunSchedule x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'PromotionPolicy' AS TableName, x.* FROM eval.PromotionPolicy x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'VersionGate' AS TableName, x.* FROM eval.VersionGate x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'VersionRequirement' AS TableName, x.* FROM eval.VersionRequirement x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'RunLook' AS TableName, x.* FROM eval.RunLook x WHERE x.TenantId = @TenantId ORDER BY x.RunId;
    SELECT N'PromotionCertificate' AS TableName, x.* FROM eval.PromotionCertificate x WHERE x.TenantId = @TenantId ORDER BY x.AuditRecordId;
    SELECT N'EvaluationRun' AS TableName, x.* FROM eval.EvaluationRun x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'TestCaseResult' AS TableName, x.* FROM eval.TestCaseResult x
    WHERE x.RunId IN (SELECT r.Id FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId) ORDER BY x.RunId, x.TestCaseId;
    SELECT N'EvaluationRunArchive' AS TableName, x.* FROM eval.EvaluationRunArchive x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'TestCaseResultArchive' AS TableName, x.* FROM eval.TestCaseResultArchive x
    WHERE x.RunId IN (SELECT r.Id FROM eval.EvaluationRunArchive r WHERE r.TenantId = @TenantId UNION ALL SELECT r.Id FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId) ORDER BY x.RunId, x.TestCaseId;
    SELECT N'Alert' AS TableName, x.* FROM eval.Alert x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    SELECT N'TenantBatch' AS TableName, x.* FROM eval.TenantBatch x WHERE x.TenantId = @TenantId ORDER BY x.Id;
    -- Left out: eval.ApiKey, because a key belongs to this server, and eval.ApiAnswer, which contains the answers of the last day.
    SELECT N'ChangeRecord' AS TableName, x.* FROM eval.ChangeRecord x WHERE x.TenantId = @TenantId ORDER BY x.Id;
END TRY
BEGIN CATCH
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds. Run it again later. Sessions with locks here: ';
        IF 1 IN (HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE'))
            SET @Waited = CONCAT(@Waited, (SELECT STRING_AGG(b.Holder, N'; ')
                                           FROM (SELECT TOP (5) CONCAT(s.session_id, N' (', s.program_name, N' on ', s.host_name, N', login ', s.login_name,
                                                                       N', last request ended ', CONVERT(nvarchar(19), s.last_request_end_time, 120), N')') AS Holder
                                                 FROM sys.dm_exec_sessions s
                                                 WHERE s.session_id <> @@SPID AND s.open_transaction_count > 0
                                                   AND EXISTS (SELECT 1 FROM sys.dm_tran_locks l WHERE l.request_session_id = s.session_id AND l.resource_database_id = DB_ID() AND l.resource_type <> N'DATABASE')
                                                 ORDER BY s.last_request_end_time) b));
        ELSE
            SET @Waited = CONCAT(@Waited, N'only a login with VIEW SERVER STATE sees them.');
        THROW 50021, @Waited, 1;
    END;
    THROW;
END CATCH;
