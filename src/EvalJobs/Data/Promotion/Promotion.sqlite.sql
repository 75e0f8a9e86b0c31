-- name: AddPolicy
-- Adds the next revision of a policy. Two at the same time violate UQ_PromotionPolicy_Revision.
INSERT INTO {schema}PromotionPolicy (TenantId, AgentName, Revision, Document, DocumentHash, Actor)
VALUES (@TenantId, @AgentName, (SELECT COALESCE(MAX(p.Revision), 0) + 1 FROM {schema}PromotionPolicy p WHERE p.TenantId = @TenantId AND p.AgentName = @AgentName), @Document, @DocumentHash, @Actor)
RETURNING {policy columns};

-- name: AddVersionGate
-- Begins the next round of what is required of a version. The caller holds the version.
INSERT INTO {schema}VersionGate (TenantId, VersionId, Round, PolicyId, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor)
VALUES (@TenantId, @VersionId, (SELECT COALESCE(MAX(g.Round), 0) + 1 FROM {schema}VersionGate g WHERE g.VersionId = @VersionId), @PolicyId, @Alpha, @NeedsSecondPerson, @NeedsApprover, @VersionCreatedBy, @Actor)
RETURNING {gate columns};

-- name: AddMissingLooks
-- Adds the looks of COMPLETED runs of a version and suite revision that have none yet, live or archived: a letter per case, by ordinal.
-- A run with missing results is left out.
INSERT INTO {schema}RunLook (RunId, TenantId, VersionId, SuiteId, SuiteRevision, Outcomes, CompletedAt)
SELECT y.Id, y.TenantId, y.VersionId, y.SuiteId, y.SuiteRevision, y.Outcomes, y.CompletedAt
FROM (SELECT r.Id, r.TenantId, r.VersionId, r.SuiteId, r.SuiteRevision, r.CompletedAt, r.CaseCount,
             (SELECT GROUP_CONCAT(SUBSTR(x.Verdict, 1, 1), '' ORDER BY c.Ordinal)
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
WHERE LENGTH(y.Outcomes) = y.CaseCount;
