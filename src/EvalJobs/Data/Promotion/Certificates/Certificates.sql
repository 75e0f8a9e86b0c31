-- list: certificate columns
AuditRecordId, TenantId, VersionId, Document, AuditHash

-- list: certified run columns
Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, [Trigger], Attempt, FailedAttempts, PreviousEvalStatus, CreatedAt, StartedAt, CompletedAt,
PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error, ContinuesRunId

-- name: AddCertificate
-- Keeps the certificate of a promotion, in the transaction that promotes.
-- Parameters: @AuditRecordId bigint, @TenantId bigint, @VersionId bigint, @Document nvarchar(max), @AuditHash char(64)
INSERT INTO {schema}PromotionCertificate ({certificate columns})
VALUES ({certificate columns as parameters});

-- name: ListCertificates
-- The certificates of a version, the newest first.
-- Parameters: @VersionId bigint, @Limit int
SELECT {top @Limit} {certificate columns}
FROM {schema}PromotionCertificate
WHERE VersionId = @VersionId
ORDER BY AuditRecordId DESC
{limit @Limit};

-- name: GetCertificate
-- One certificate.
-- Parameters: @AuditRecordId bigint
SELECT {certificate columns}
FROM {schema}PromotionCertificate
WHERE AuditRecordId = @AuditRecordId;

-- name: GetCertifiedVersion
-- A version as a certificate covers it: what never changes.
-- Parameters: @VersionId bigint
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, GenomeText, GenomeTextHash, ParentVersionId, CreatedAt
FROM {schema}AgentVersion
WHERE Id = @VersionId;

-- name: GetVersionGate
-- One round of what was required of a version.
-- Parameters: @GateId bigint
SELECT {gate columns}
FROM {schema}VersionGate
WHERE Id = @GateId;

-- name: ListCertifiedRequirements
-- The requirements of a round as they are stored.
-- Parameters: @GateId bigint
SELECT Id, GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass, BaselineVersionId
FROM {schema}VersionRequirement
WHERE GateId = @GateId
ORDER BY Ordinal, Id;

-- name: GetCertifiedRun
-- A run as a certificate covers it, live or archived: what no longer changes once it has ended.
-- Parameters: @RunId bigint
SELECT {certified run columns}, 0 AS IsArchived
FROM {schema}EvaluationRun
WHERE Id = @RunId
UNION ALL
SELECT {certified run columns}, 1 AS IsArchived
FROM {schema}EvaluationRunArchive
WHERE Id = @RunId;

-- name: ListCertifiedResults
-- The next results of a run after an ordinal, by ordinal; live or archived, or some here and some there.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @AfterOrdinal int, @Limit int
SELECT {top @Limit} c.Ordinal, c.CaseKey, c.Id AS TestCaseId, COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score, COALESCE(l.Output, a.Output) AS Output,
       COALESCE(l.Error, a.Error) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs, COALESCE(l.InputTokens, a.InputTokens) AS InputTokens,
       COALESCE(l.OutputTokens, a.OutputTokens) AS OutputTokens, COALESCE(l.Cost, a.Cost) AS Cost, COALESCE(l.IsCut, a.IsCut) AS IsCut, COALESCE(l.AskAgain, a.AskAgain) AS AskAgain
FROM {schema}TestCase c
LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal AND COALESCE(l.Verdict, a.Verdict) IS NOT NULL
ORDER BY c.Ordinal
{limit @Limit};

-- name: ListCertifiedRecords
-- The audit records of a promotion: those of the version, of the runs that are evidence (@RunIds, a JSON array) and of the policy, before an id.
-- Moves to the archive and back are left out: they change nothing.
-- Parameters: @VersionId bigint, @PolicyId bigint, @RunIds nvarchar(max), @BeforeId bigint
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE TargetEntity = 'AgentVersion' AND TargetId = @VersionId AND Id < @BeforeId
UNION ALL
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE TargetEntity = 'PromotionPolicy' AND TargetId = @PolicyId AND Id < @BeforeId
UNION ALL
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE TargetEntity = 'EvaluationRun' AND TargetId IN ({ids @RunIds}) AND Id < @BeforeId AND Type NOT IN ('RUNS_ARCHIVED', 'RUN_RESTORED', 'RUNS_PURGED')
ORDER BY Id;

-- name: GetChangeRecord
-- One line of the audit trail.
-- Parameters: @ChangeId bigint
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE Id = @ChangeId;

-- name: FindOldestChangeId
-- The oldest line the audit trail still has; 0 when it has none.
-- Parameters: none
SELECT COALESCE(MIN(Id), 0) AS Id
FROM {schema}ChangeRecord;

-- name: ListVoidRecords
-- The audit records that declared a run void.
-- Parameters: @RunId bigint
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE TargetEntity = 'EvaluationRun' AND TargetId = @RunId AND Type = 'RUN_VOIDED'
ORDER BY Id;

-- name: ListPurgeRecords
-- The audit records of purges. Read only where a run is missing.
-- Parameters: none
SELECT Payload
FROM {schema}ChangeRecord
WHERE TargetEntity = 'EvaluationRun' AND Type = 'RUNS_PURGED';

-- name: ListBaselines
-- The versions that a version is compared with by its newest round.
-- Parameters: @VersionId bigint
SELECT DISTINCT q.BaselineVersionId AS Id
FROM {schema}VersionRequirement q
JOIN {schema}VersionGate g ON g.Id = q.GateId
WHERE q.VersionId = @VersionId AND q.BaselineVersionId IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM {schema}VersionGate n WHERE n.VersionId = g.VersionId AND n.Round > g.Round);

-- name: ListFollowers
-- The versions that may be promoted next and are compared, by their newest round, with this one on this suite revision; the newest first.
-- Parameters: @VersionId bigint, @SuiteId bigint, @SuiteRevision int, @Limit int
SELECT DISTINCT {top @Limit} q.VersionId AS Id
FROM {schema}VersionRequirement q
JOIN {schema}VersionGate g ON g.Id = q.GateId
JOIN {schema}AgentVersion v ON v.Id = q.VersionId
WHERE q.BaselineVersionId = @VersionId AND q.SuiteId = @SuiteId AND q.SuiteRevision = @SuiteRevision AND v.LifecycleState IN ('TESTING', 'CANDIDATE')
  AND NOT EXISTS (SELECT 1 FROM {schema}VersionGate n WHERE n.VersionId = g.VersionId AND n.Round > g.Round)
ORDER BY Id DESC
{limit @Limit};
