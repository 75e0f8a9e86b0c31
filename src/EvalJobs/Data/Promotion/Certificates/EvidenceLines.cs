using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Writes stored rows as the lines a certificate's digests are of. A published format: docs/guide/certificate.md; what is written here never changes under a version of it.</summary>
internal static class EvidenceLines
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(CertifiedVersion version) => Line(new
    {
        id = version.Id,
        tenantId = version.TenantId,
        agent = version.AgentName,
        label = version.VersionLabel,
        genome = version.Genome,
        genomeHash = version.GenomeHash,
        genomeText = version.GenomeText,
        genomeTextHash = version.GenomeTextHash,
        parentVersionId = version.ParentVersionId,
        createdAt = Time(version.CreatedAt),
    });

    public static string Of(StoredPolicy policy) => Line(new
    {
        id = policy.Id,
        tenantId = policy.TenantId,
        agent = policy.AgentName,
        revision = policy.Revision,
        document = policy.Document,
        documentHash = policy.DocumentHash,
        actor = policy.Actor,
        createdAt = Time(policy.CreatedAt),
    });

    public static string Of(VersionGate gate) => Line(new
    {
        id = gate.Id,
        tenantId = gate.TenantId,
        versionId = gate.VersionId,
        round = gate.Round,
        policyId = gate.PolicyId,
        alpha = gate.Alpha,
        needsSecondPerson = gate.NeedsSecondPerson,
        needsApprover = gate.NeedsApprover,
        versionCreatedBy = gate.VersionCreatedBy,
        actor = gate.Actor,
        createdAt = Time(gate.CreatedAt),
    });

    public static string Of(CertifiedRequirement requirement) => Line(new
    {
        id = requirement.Id,
        gateId = requirement.GateId,
        tenantId = requirement.TenantId,
        versionId = requirement.VersionId,
        ordinal = requirement.Ordinal,
        suiteId = requirement.SuiteId,
        suiteRevision = requirement.SuiteRevision,
        rule = requirement.Rule,
        limit = requirement.Bound,
        tagLimits = requirement.TagBounds,
        mustPass = requirement.MustPass,
        baselineVersionId = requirement.BaselineVersionId,
    });

    public static string Of(TestCase testCase) => Line(new
    {
        id = testCase.Id,
        ordinal = testCase.Ordinal,
        key = testCase.CaseKey,
        name = testCase.Name,
        input = testCase.Input,
        expected = testCase.ExpectedOutput,
        scoring = testCase.Scoring,
        weight = testCase.Weight,
        tags = testCase.Tags,
        mustPass = testCase.MustPass,
    });

    public static string Of(Look look) => Line(new
    {
        runId = look.RunId,
        tenantId = look.TenantId,
        versionId = look.VersionId,
        suiteId = look.SuiteId,
        suiteRevision = look.SuiteRevision,
        outcomes = look.Outcomes,
        completedAt = Time(look.CompletedAt),
        voidedAt = Time(look.VoidedAt),
        voidedBy = look.VoidedBy,
        voidReason = look.VoidReason,
    });

    public static string Of(CertifiedRun run) => Line(new
    {
        id = run.Id,
        tenantId = run.TenantId,
        suiteId = run.SuiteId,
        suiteRevision = run.SuiteRevision,
        versionId = run.VersionId,
        status = run.Status,
        trigger = run.Trigger,
        attempt = run.Attempt,
        failedAttempts = run.FailedAttempts,
        previousEvalStatus = run.PreviousEvalStatus,
        createdAt = Time(run.CreatedAt),
        startedAt = Time(run.StartedAt),
        completedAt = Time(run.CompletedAt),
        passThreshold = run.PassThreshold,
        passRate = run.PassRate,
        overallScore = run.OverallScore,
        cases = run.CaseCount,
        passed = run.PassedCount,
        failed = run.FailedCount,
        errored = run.ErroredCount,
        unscored = run.UnscoredCount,
        cut = run.CutCount,
        inputTokens = run.InputTokens,
        outputTokens = run.OutputTokens,
        cost = run.Cost,
        error = run.Error,
        continuesRunId = run.ContinuesRunId,
    });

    public static string Of(CertifiedResult result) => Line(new
    {
        ordinal = result.Ordinal,
        key = result.CaseKey,
        caseId = result.TestCaseId,
        verdict = result.Verdict,
        score = result.Score,
        output = result.Output,
        error = result.Error,
        durationMs = result.DurationMs,
        inputTokens = result.InputTokens,
        outputTokens = result.OutputTokens,
        cost = result.Cost,
        cut = result.IsCut,
        askAgain = result.AskAgain,
    });

    public static string Of(ChangeRecord record) => Line(new
    {
        id = record.Id,
        tenantId = record.TenantId,
        type = record.Type,
        entity = record.TargetEntity,
        targetId = record.TargetId,
        actor = record.Actor,
        payload = record.Payload,
        at = Time(record.At),
    });

    /// <returns>A time as certificates write it: UTC, to the millisecond.</returns>
    public static string? Time(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <returns>Canonical JSON of the value.</returns>
    public static string Line(object value) => CanonicalJson.Of(JsonSerializer.Serialize(value, Json));

    /// <returns>SHA-256 of the lines in UTF-8, each ended by a line feed.</returns>
    public static string Sha256(IEnumerable<string> lines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
            Append(hash, line);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static void Append(IncrementalHash hash, string line)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(line));
        hash.AppendData("\n"u8);
    }
}
