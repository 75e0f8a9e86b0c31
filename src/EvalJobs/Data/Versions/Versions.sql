-- list: version columns
Id, TenantId, AgentName, VersionLabel, COALESCE({.}GenomeText, {.}Genome) AS Genome, {.}Genome AS CanonicalGenome, GenomeHash, GenomeTextHash, LifecycleState, EvalStatus, ParentVersionId, CreatedAt

-- name: GetVersion
-- One agent version.
-- Parameters: @VersionId bigint
SELECT {version columns}
FROM {schema}AgentVersion
WHERE Id = @VersionId;

-- name: LockVersion
-- One agent version, locked until the transaction ends, so that its state cannot change between the check and the write.
-- Parameters: @VersionId bigint
SELECT {version columns}
FROM {schema}AgentVersion {with UPDLOCK, ROWLOCK}
WHERE Id = @VersionId;

-- name: FindVersion
-- One agent version by its names.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionLabel nvarchar(100)
SELECT {version columns}
FROM {schema}AgentVersion
WHERE TenantId = @TenantId AND AgentName = @AgentName AND VersionLabel = @VersionLabel;

-- name: ListVersions
-- A tenant's agent versions newest first, a page at a time: pass the last id seen as @BeforeId.
-- Parameters: @TenantId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {version columns}
FROM {schema}AgentVersion
WHERE TenantId = @TenantId AND Id < @BeforeId
ORDER BY Id DESC
{limit @Limit};

-- name: SetVersionState
-- Changes the lifecycle state of a version. The caller checked the transition under LockVersion.
-- Parameters: @VersionId bigint, @LifecycleState varchar(20)
UPDATE {schema}AgentVersion
SET LifecycleState = @LifecycleState
WHERE Id = @VersionId;

-- name: SetVersionEvalStatus
-- Sets the evaluation status of a version.
-- Parameters: @VersionId bigint, @EvalStatus varchar(20)
UPDATE {schema}AgentVersion
SET EvalStatus = @EvalStatus
WHERE Id = @VersionId;

-- name: ListVersionRows
-- These agent versions (@VersionIds, a JSON array) with their tenant and without their genome, newest first.
-- Parameters: @VersionIds nvarchar(max)
SELECT v.Id, v.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, v.AgentName, v.VersionLabel, v.GenomeHash, v.LifecycleState,
       v.EvalStatus, v.ParentVersionId, p.AgentName AS ParentAgentName, p.VersionLabel AS ParentVersionLabel, v.CreatedAt
FROM {schema}AgentVersion v
JOIN {schema}Tenant t ON t.Id = v.TenantId
LEFT JOIN {schema}AgentVersion p ON p.Id = v.ParentVersionId
WHERE v.Id IN ({ids @VersionIds})
ORDER BY v.Id DESC;

-- name: ListVersionNames
-- The names of a tenant's newest agent versions, newest first: for a list to choose from.
-- Parameters: @TenantId bigint, @Limit int
SELECT {top @Limit} Id, AgentName, VersionLabel
FROM {schema}AgentVersion
WHERE TenantId = @TenantId
ORDER BY Id DESC
{limit @Limit};

-- name: ListAgents
-- The next names of a tenant's agents after a name, by name.
-- Parameters: @TenantId bigint, @AfterName nvarchar(200), @Limit int
SELECT DISTINCT {top @Limit} AgentName
FROM {schema}AgentVersion
WHERE TenantId = @TenantId AND AgentName > @AfterName
ORDER BY AgentName
{limit @Limit};

-- name: FilterVersionIds
-- Which of these versions (@VersionIds, a JSON array) have a state and an evaluation status, newest first; null means any.
-- With a suite, the evaluation status is that of the latest run of the suite that was neither cancelled nor declared void, live or archived.
-- Parameters: @VersionIds nvarchar(max), @LifecycleState varchar(20), @EvalStatus varchar(20), @SuiteId bigint, @Limit int
SELECT {top @Limit} v.Id
FROM {schema}AgentVersion v
WHERE v.Id IN ({ids @VersionIds})
  AND (@LifecycleState IS NULL OR v.LifecycleState = {word @LifecycleState})
  AND (@EvalStatus IS NULL OR {word @EvalStatus} = CASE WHEN @SuiteId IS NULL THEN v.EvalStatus ELSE COALESCE(
       (SELECT {top 1} CASE WHEN l.Status IN ('PENDING', 'RUNNING') THEN 'RUNNING' WHEN l.Status = 'COMPLETED' AND l.CaseCount > 0 AND l.PassRate >= l.PassThreshold THEN 'PASS' ELSE 'FAIL' END
        FROM {schema}EvaluationRun l
        WHERE l.VersionId = v.Id AND l.SuiteId = @SuiteId AND l.Status <> 'CANCELLED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = l.Id AND k.VoidedAt IS NOT NULL)
        ORDER BY l.Id DESC
        {limit 1}),
       (SELECT {top 1} CASE WHEN a.Status = 'COMPLETED' AND a.CaseCount > 0 AND a.PassRate >= a.PassThreshold THEN 'PASS' ELSE 'FAIL' END
        FROM {schema}EvaluationRunArchive a
        WHERE a.VersionId = v.Id AND a.SuiteId = @SuiteId AND a.Status <> 'CANCELLED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = a.Id AND k.VoidedAt IS NOT NULL)
        ORDER BY a.Id DESC
        {limit 1}),
       'NOT_RUN') END)
ORDER BY v.Id DESC
{limit @Limit}
{recompile};
