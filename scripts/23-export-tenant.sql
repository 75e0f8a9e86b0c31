-- Purpose:    Everything stored about one tenant, one result set per table; its secrets are not in the database. To look at, not to keep: SSMS cuts a text
--             at 65,535 characters in the grid and at 256 in text results, sqlcmd at 256, with -y 0 at 1 MB. The copy that loses nothing is taken with bcp,
--             a file per table: "A copy of a tenant" in docs/operate/sqlserver.md.
-- Parameters: @TenantSlug  the tenant
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(63) = N'';

DECLARE @TenantId bigint = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
IF @TenantId IS NULL
    THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

SELECT N'Tenant' AS TableName, x.* FROM eval.Tenant x WHERE x.Id = @TenantId;
SELECT N'TenantHealth' AS TableName, x.* FROM eval.TenantHealth x WHERE x.TenantId = @TenantId;
SELECT N'EndpointOutage' AS TableName, x.* FROM eval.EndpointOutage x WHERE x.TenantId = @TenantId;
SELECT N'AgentVersion' AS TableName, x.* FROM eval.AgentVersion x WHERE x.TenantId = @TenantId ORDER BY x.Id;
SELECT N'EvaluationSuite' AS TableName, x.* FROM eval.EvaluationSuite x WHERE x.TenantId = @TenantId ORDER BY x.Id;
SELECT N'TestCase' AS TableName, x.* FROM eval.TestCase x
WHERE x.SuiteId IN (SELECT s.Id FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId) ORDER BY x.Id;
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
-- Left out: eval.ApiKey, for a key belongs to this server, and eval.ApiAnswer, which holds answers of the last day.
SELECT N'ChangeRecord' AS TableName, x.* FROM eval.ChangeRecord x WHERE x.TenantId = @TenantId ORDER BY x.Id;
