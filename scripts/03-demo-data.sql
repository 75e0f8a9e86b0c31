-- Purpose:    Creates a tenant for demonstrations: a default suite of three cases, and a DRAFT version whose agent answers from recorded replies.
-- Parameters: @TenantSlug  the demo tenant's slug: 1 to 63 of a-z, 0-9 and '-', starting and ending with a letter or digit
--             @Apply       1 changes; 0 only shows
-- Changes:    one row each in eval.Tenant, eval.EvaluationSuite and eval.AgentVersion, three rows in eval.TestCase, and their audit records. Nothing if the
--             tenant exists. The version reads demo.jsonl in the server's Agents:ReplayFolder. Without that file its runs fail.
-- Undo:       20-pause-tenant.sql, then 24-delete-tenant.sql
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'demo-sql';
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

-- Canonical JSON and the SHA-256 of its text. A run of a genome with another hash fails.
DECLARE @Genome nvarchar(max) = N'{"target":{"file":"demo.jsonl","match":"question","reply":"answer","type":"replay"}}';
DECLARE @GenomeHash char(64) = '90c7d7b5e3c78e4444cd6d9bd8d22943c925ab6aa013316eb8950409674bdbd0';
DECLARE @Exists bit;
DECLARE @TenantId bigint, @SuiteId bigint, @VersionId bigint;

IF @TenantSlug IS NULL OR LEN(@TenantSlug) NOT BETWEEN 1 AND 63 OR SUBSTRING(@TenantSlug, 1, 1) = N'-' OR SUBSTRING(@TenantSlug, LEN(@TenantSlug), 1) = N'-'
   OR PATINDEX(N'%[^abcdefghijklmnopqrstuvwxyz0123456789-]%', @TenantSlug COLLATE Latin1_General_BIN2) > 0
    THROW 50018, N'@TenantSlug must be 1 to 63 of a-z, 0-9 and ''-'', starting and ending with a letter or digit.', 1;

BEGIN TRY
    SET @Exists = CASE WHEN EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug) THEN 1 ELSE 0 END;

    BEGIN TRANSACTION;

    IF @Apply = 1 AND @Exists = 0
    BEGIN
        INSERT INTO eval.Tenant (Slug, Name)
        VALUES (@TenantSlug, N'Demo');
        SET @TenantId = SCOPE_IDENTITY();

        INSERT INTO eval.EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
        VALUES (@TenantId, N'capitals', N'Three questions with one right answer each.', 1, 0.8, 1, N'["demo"]');
        SET @SuiteId = SCOPE_IDENTITY();

        INSERT INTO eval.TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
        VALUES (@SuiteId, 1, 1, N'france', N'Capital of France', N'What is the capital of France?', N'Paris', N'{"type":"exact_match"}', 1),
               (@SuiteId, 1, 2, N'japan', N'Capital of Japan', N'What is the capital of Japan?', N'Tokyo', N'{"type":"exact_match"}', 1),
               (@SuiteId, 1, 3, N'peru', N'Capital of Peru', N'What is the capital of Peru?', N'Lima', N'{"type":"exact_match"}', 1);

        INSERT INTO eval.AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus)
        VALUES (@TenantId, N'geographer', N'1', @Genome, @GenomeHash, 'DRAFT', 'NOT_RUN');
        SET @VersionId = SCOPE_IDENTITY();

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, N'TENANT_ADDED', N'Tenant', @TenantId, CONCAT(N'sql:', SUSER_SNAME()), CONCAT(N'{"slug":"', STRING_ESCAPE(@TenantSlug, 'json'), N'","name":"Demo"}')),
               (@TenantId, N'SUITE_IMPORTED', N'EvaluationSuite', @SuiteId, CONCAT(N'sql:', SUSER_SNAME()), N'{"name":"capitals","revision":1,"cases":3,"passThreshold":0.8,"isDefault":true}'),
               (@TenantId, N'VERSION_CREATED', N'AgentVersion', @VersionId, CONCAT(N'sql:', SUSER_SNAME()), CONCAT(N'{"agentName":"geographer","versionLabel":"1","genomeHash":"', @GenomeHash, N'"}'));
    END;

    COMMIT TRANSACTION;

    SELECT t.Id AS TenantId, t.Slug, v.Id AS VersionId, s.Id AS SuiteId
    FROM eval.Tenant t
    LEFT JOIN eval.AgentVersion v ON v.TenantId = t.Id
    LEFT JOIN eval.EvaluationSuite s ON s.TenantId = t.Id
    WHERE t.Slug = @TenantSlug;

    SELECT CASE WHEN @Exists = 1 THEN N'exists already' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds; this transaction changed nothing. Run it again later. Sessions with locks here: ';
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
