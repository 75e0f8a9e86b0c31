-- list: policy columns
Id, TenantId, AgentName, Revision, Document, DocumentHash, Actor, CreatedAt

-- list: gate columns
Id, TenantId, VersionId, Round, PolicyId, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor, CreatedAt

-- list: look columns
RunId, TenantId, VersionId, SuiteId, SuiteRevision, Outcomes, CompletedAt, VoidedAt, VoidedBy, VoidReason

-- name: FindPolicy
-- The policy that applies to an agent: its own newest one, or else the tenant's. An empty agent name means the tenant's.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200)
SELECT {top 1} {policy columns}
FROM {schema}PromotionPolicy
WHERE TenantId = @TenantId AND (AgentName = @AgentName OR AgentName = '')
ORDER BY CASE WHEN AgentName = '' THEN 1 ELSE 0 END, Revision DESC
{limit 1};

-- name: ListPresentPolicies
-- The newest revision of each policy of a tenant: its own, without an agent's name, and those of its agents.
-- Parameters: @TenantId bigint, @Limit int
SELECT {top @Limit} {policy columns}
FROM {schema}PromotionPolicy p
WHERE p.TenantId = @TenantId
  AND p.Revision = (SELECT MAX(o.Revision) FROM {schema}PromotionPolicy o WHERE o.TenantId = p.TenantId AND o.AgentName = p.AgentName)
ORDER BY p.AgentName
{limit @Limit};

-- name: GetPolicy
-- One revision of a policy.
-- Parameters: @PolicyId bigint
SELECT {policy columns}
FROM {schema}PromotionPolicy
WHERE Id = @PolicyId;

-- name: ListPolicies
-- The revisions of a policy before one, newest first.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @BeforeRevision int, @Limit int
SELECT {top @Limit} {policy columns}
FROM {schema}PromotionPolicy
WHERE TenantId = @TenantId AND AgentName = @AgentName AND Revision < @BeforeRevision
ORDER BY Revision DESC
{limit @Limit};

-- name: FindVersionGate
-- What is required of a version now: its newest round.
-- Parameters: @VersionId bigint
SELECT {top 1} {gate columns}
FROM {schema}VersionGate
WHERE VersionId = @VersionId
ORDER BY Round DESC
{limit 1};

-- name: AddRequirement
-- Stores one requirement of a round.
-- Parameters: @GateId bigint, @TenantId bigint, @VersionId bigint, @Ordinal int, @SuiteId bigint, @SuiteRevision int, @Rule varchar(20), @Bound float, @TagBounds nvarchar(max), @MustPass nvarchar(max), @BaselineVersionId bigint
INSERT INTO {schema}VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass, BaselineVersionId)
VALUES (@GateId, @TenantId, @VersionId, @Ordinal, @SuiteId, @SuiteRevision, @Rule, @Bound, @TagBounds, @MustPass, @BaselineVersionId);

-- name: ListRequirements
-- The requirements of a round, in order.
-- Parameters: @GateId bigint
SELECT q.Id, q.Ordinal, q.SuiteId, s.Name AS SuiteName, q.SuiteRevision, q.[Rule], q.Bound, q.TagBounds, q.MustPass, q.BaselineVersionId,
       b.VersionLabel AS BaselineLabel
FROM {schema}VersionRequirement q
JOIN {schema}EvaluationSuite s ON s.Id = q.SuiteId
LEFT JOIN {schema}AgentVersion b ON b.Id = q.BaselineVersionId
WHERE q.GateId = @GateId
ORDER BY q.Ordinal;

-- name: ListLooks
-- A version's looks of a suite revision, oldest first, void ones among them.
-- Parameters: @VersionId bigint, @SuiteId bigint, @SuiteRevision int
SELECT {look columns}
FROM {schema}RunLook
WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision
ORDER BY RunId;

-- name: GetLook
-- One run as evidence; no row when it did not complete.
-- Parameters: @RunId bigint
SELECT {look columns}
FROM {schema}RunLook
WHERE RunId = @RunId;

-- name: VoidLook
-- Declares a run void. The reason is stored with it permanently.
-- Parameters: @RunId bigint, @Actor nvarchar(200), @Reason nvarchar(1000)
UPDATE {schema}RunLook
SET VoidedAt = {now}, VoidedBy = @Actor, VoidReason = @Reason
WHERE RunId = @RunId AND VoidedAt IS NULL;

-- name: ListCaseFacts
-- What a gate needs to know of the cases of a suite revision: those with a tag or that must pass, or all of them.
-- Parameters: @SuiteId bigint, @Revision int, @All bit
SELECT Ordinal, CaseKey, Tags, MustPass
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND (Tags <> '[]' OR MustPass = 1 OR @All = 1)
ORDER BY Ordinal;

-- name: FindLastEndedRun
-- The latest COMPLETED or FAILED run of a version and suite revision, live or archived.
-- Parameters: @VersionId bigint, @SuiteId bigint, @SuiteRevision int
SELECT {top 1} x.Id, x.Status
FROM (SELECT Id, Status
      FROM {schema}EvaluationRun
      WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status IN ('COMPLETED', 'FAILED')
      UNION ALL
      SELECT Id, Status
      FROM {schema}EvaluationRunArchive
      WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status IN ('COMPLETED', 'FAILED')) x
ORDER BY x.Id DESC
{limit 1};

-- name: ListUnfinishedRuns
-- Runs of a version and suite revision that ended without completing although answers had come; the newest first. They do not count, but are shown:
-- so it is visible when a person cancels a bad run and starts another. Reads the figures of the runs and not their results, because this runs at the end of each run of the version and of
-- those compared with it.
-- Parameters: @VersionId bigint, @SuiteId bigint, @SuiteRevision int, @Limit int
SELECT {top @Limit} x.RunId, x.Status, x.CaseCount, x.AnsweredCount, x.PassedCount
FROM (SELECT Id AS RunId, Status, CaseCount, PassedCount + FailedCount + ErroredCount + UnscoredCount AS AnsweredCount, PassedCount
      FROM {schema}EvaluationRun
      WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status IN ('CANCELLED', 'FAILED')
      UNION
      SELECT Id, Status, CaseCount, PassedCount + FailedCount + ErroredCount + UnscoredCount, PassedCount
      FROM {schema}EvaluationRunArchive
      WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status IN ('CANCELLED', 'FAILED')) x
WHERE x.AnsweredCount > 0
ORDER BY x.RunId DESC
{limit @Limit};

-- name: FindVersionCreator
-- Who created a version; no row when the audit trail does not reach so far back.
-- Parameters: @VersionId bigint
SELECT Actor
FROM {schema}ChangeRecord
WHERE TargetEntity = 'AgentVersion' AND TargetId = @VersionId AND Type = 'VERSION_CREATED';

-- name: FindApprovedVersion
-- The newest APPROVED version of an agent, other than this one.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionId bigint
SELECT {top 1} {version columns}
FROM {schema}AgentVersion
WHERE TenantId = @TenantId AND AgentName = @AgentName AND LifecycleState = 'APPROVED' AND Id <> @VersionId
ORDER BY Id DESC
{limit 1};
