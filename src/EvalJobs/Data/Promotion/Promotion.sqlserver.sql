-- name: AddPolicy
-- Adds the next revision of a policy. Two at the same time violate UQ_PromotionPolicy_Revision.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @Document nvarchar(max), @DocumentHash char(64), @Actor nvarchar(200)
INSERT INTO {schema}PromotionPolicy (TenantId, AgentName, Revision, Document, DocumentHash, Actor)
OUTPUT {policy columns of inserted}
SELECT @TenantId, @AgentName, COALESCE(MAX(p.Revision), 0) + 1, @Document, @DocumentHash, @Actor
FROM {schema}PromotionPolicy p
WHERE p.TenantId = @TenantId AND p.AgentName = @AgentName;

-- name: AddVersionGate
-- Begins the next round of what is required of a version. The caller holds the version.
-- Parameters: @TenantId bigint, @VersionId bigint, @PolicyId bigint, @Alpha float, @NeedsSecondPerson bit, @NeedsApprover bit, @VersionCreatedBy nvarchar(200), @Actor nvarchar(200)
INSERT INTO {schema}VersionGate (TenantId, VersionId, Round, PolicyId, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor)
OUTPUT {gate columns of inserted}
SELECT @TenantId, @VersionId, COALESCE(MAX(g.Round), 0) + 1, @PolicyId, @Alpha, @NeedsSecondPerson, @NeedsApprover, @VersionCreatedBy, @Actor
FROM {schema}VersionGate g
WHERE g.VersionId = @VersionId;

-- name: AddMissingLooks
-- Adds the looks of COMPLETED runs of a version and suite revision that have none yet, live or archived: a letter per case, by ordinal.
-- A run with missing results is left out.
-- Parameters: @VersionId bigint, @SuiteId bigint, @SuiteRevision int
INSERT INTO {schema}RunLook (RunId, TenantId, VersionId, SuiteId, SuiteRevision, Outcomes, CompletedAt)
SELECT y.Id, y.TenantId, y.VersionId, y.SuiteId, y.SuiteRevision, y.Outcomes, y.CompletedAt
FROM (SELECT r.Id, r.TenantId, r.VersionId, r.SuiteId, r.SuiteRevision, r.CompletedAt, r.CaseCount,
             (SELECT STRING_AGG(CAST(SUBSTRING(x.Verdict, 1, 1) AS nvarchar(max)), N'') WITHIN GROUP (ORDER BY c.Ordinal)
              FROM (SELECT TestCaseId, Verdict FROM {schema}TestCaseResult WHERE RunId = r.Id
                    UNION
                    SELECT TestCaseId, Verdict FROM {schema}TestCaseResultArchive WHERE RunId = r.Id) x
              JOIN {schema}TestCase c ON c.Id = x.TestCaseId) AS Outcomes
      FROM (SELECT Id, TenantId, VersionId, SuiteId, SuiteRevision, CompletedAt, CaseCount FROM {schema}EvaluationRun
            WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status = 'COMPLETED'
            UNION
            SELECT Id, TenantId, VersionId, SuiteId, SuiteRevision, CompletedAt, CaseCount FROM {schema}EvaluationRunArchive
            WHERE VersionId = @VersionId AND SuiteId = @SuiteId AND SuiteRevision = @SuiteRevision AND Status = 'COMPLETED') r
      WHERE NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = r.Id)) y
WHERE LEN(y.Outcomes) = y.CaseCount;
