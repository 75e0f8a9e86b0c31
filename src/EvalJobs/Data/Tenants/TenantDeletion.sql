-- name: DeleteTenantApiKeys
-- Deletes the first of a tenant's keys of the HTTP API.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}ApiKey
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}ApiKey t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantApiAnswers
-- Deletes some of the answers kept for requests about a tenant that may be repeated.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}ApiAnswer
WHERE KeyHash IN (SELECT {top @Limit} t.KeyHash FROM {schema}ApiAnswer t WHERE t.TenantId = @TenantId {limit @Limit});

-- name: LockTenantVersions
-- Holds the last of a tenant's agent versions, with what belongs to them, until the transaction ends: the versions come before everything else.
-- FORCESEEK: a scan of a small table would lock other tenants' rows.
-- Parameters: @TenantId bigint, @Limit int
SELECT {top @Limit} Id
FROM {schema}AgentVersion {with UPDLOCK, ROWLOCK, FORCESEEK}
WHERE TenantId = @TenantId
ORDER BY Id DESC
{limit @Limit};

-- name: LockTenantRuns
-- Holds the first of a tenant's runs, with their results, until the transaction ends. FORCESEEK: as in LockTenantVersions.
-- Parameters: @TenantId bigint, @Limit int
SELECT {top @Limit} Id
FROM {schema}EvaluationRun {with UPDLOCK, ROWLOCK, FORCESEEK}
WHERE TenantId = @TenantId
ORDER BY Id
{limit @Limit};

-- name: DeleteTenantRuns
-- Deletes the first of a tenant's runs; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}EvaluationRun
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}EvaluationRun t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantArchivedRuns
-- Deletes the first of a tenant's archived runs; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}EvaluationRunArchive
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}EvaluationRunArchive t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantBatches
-- Deletes the first of a tenant's batches. The worker of one finds it deleted.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}TenantBatch
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}TenantBatch t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantAlerts
-- Deletes the first of a tenant's alerts, sent or not.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}Alert
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}Alert t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantCertificates
-- Deletes the first of a tenant's certificates of promotions.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}PromotionCertificate
WHERE AuditRecordId IN (SELECT {top @Limit} t.AuditRecordId FROM {schema}PromotionCertificate t WHERE t.TenantId = @TenantId ORDER BY t.AuditRecordId {limit @Limit});

-- name: DeleteTenantRequirements
-- Deletes the first of a tenant's requirements of versions.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}VersionRequirement
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}VersionRequirement t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantGates
-- Deletes the first of a tenant's rounds of requirements; they have none any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}VersionGate
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}VersionGate t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantLooks
-- Deletes the first of a tenant's looks.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}RunLook
WHERE RunId IN (SELECT {top @Limit} t.RunId FROM {schema}RunLook t WHERE t.TenantId = @TenantId ORDER BY t.RunId {limit @Limit});

-- name: DeleteTenantPolicies
-- Deletes the first of a tenant's policies; no round is based on them any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}PromotionPolicy
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}PromotionPolicy t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantVersions
-- Deletes the last of a tenant's agent versions; children come after their parents. They have no runs any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}AgentVersion
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}AgentVersion t WHERE t.TenantId = @TenantId ORDER BY t.Id DESC {limit @Limit});

-- name: DeleteTenantSuites
-- Deletes the first of a tenant's suites; they have neither runs nor cases any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}EvaluationSuite
WHERE Id IN (SELECT {top @Limit} t.Id FROM {schema}EvaluationSuite t WHERE t.TenantId = @TenantId ORDER BY t.Id {limit @Limit});

-- name: DeleteTenantHealth
-- Deletes what the health check keeps of a tenant.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM {schema}TenantHealth
WHERE TenantId IN (SELECT {top @Limit} t.TenantId FROM {schema}TenantHealth t WHERE t.TenantId = @TenantId {limit @Limit});

-- name: DeleteTenant
-- Deletes a tenant that has nothing left.
-- Parameters: @TenantId bigint
DELETE FROM {schema}Tenant
WHERE Id = @TenantId;
