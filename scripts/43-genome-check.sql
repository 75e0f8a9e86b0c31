-- Purpose:    Shows versions whose genome does not match its hash: it was changed, although a genome is written only once. Their runs fail with that reason.
--             No row means no error. It is separate from 42 because it reads and hashes every genome: run it at a time of little work.
-- Parameters: none
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    -- Each hash is of the UTF-8 bytes of a text as stored: GenomeHash of the canonical JSON, GenomeTextHash of the author's text (null for versions from before it was stored).
    -- nvarchar is UTF-16; a collation of UTF-8 converts it. The server checks before each run that both texts mean the same.
    SELECT t.Slug AS TenantSlug, c.VersionId, c.AgentName, c.VersionLabel, c.CreatedAt, c.StoredHash, c.ComputedHash, c.StoredTextHash, c.ComputedTextHash
    FROM (SELECT v.Id AS VersionId, v.TenantId, v.AgentName, v.VersionLabel, v.CreatedAt, v.GenomeHash AS StoredHash,
                 LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CAST(v.Genome COLLATE Latin1_General_100_CI_AS_SC_UTF8 AS varchar(max))), 2)) AS ComputedHash,
                 v.GenomeTextHash AS StoredTextHash,
                 LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CAST(v.GenomeText COLLATE Latin1_General_100_CI_AS_SC_UTF8 AS varchar(max))), 2)) AS ComputedTextHash
          FROM eval.AgentVersion v) c
    JOIN eval.Tenant t ON t.Id = c.TenantId
    WHERE c.ComputedHash <> c.StoredHash
       OR c.ComputedTextHash <> c.StoredTextHash
       OR (c.ComputedTextHash IS NULL AND c.StoredTextHash IS NOT NULL)
       OR (c.ComputedTextHash IS NOT NULL AND c.StoredTextHash IS NULL)
    ORDER BY c.VersionId;
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
