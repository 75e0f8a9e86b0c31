using System.Globalization;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Composes the document of a certificate. A published format: docs/guide/certificate.md.</summary>
internal static class CertificateDocument
{
    /// <summary>The version of the format.</summary>
    public const int Format = 1;

    /// <summary>Digits that a figure is rounded to, because the last digits may differ between processors.</summary>
    private const string FigureFormat = "G10";

    /// <returns>Canonical JSON.</returns>
    public static string Compose(CertificateBasis basis) => EvidenceLines.Line(new
    {
        format = Format,
        tenant = new { id = basis.Gate.TenantId, slug = basis.TenantSlug },
        version = new { id = basis.Version.Id, agent = basis.Version.AgentName, label = basis.Version.VersionLabel, genomeHash = basis.Version.GenomeHash },
        transition = new { from = basis.From, to = basis.To, by = basis.By, asApprover = basis.IsApprover },
        gate = new
        {
            id = basis.Gate.Id,
            round = basis.Gate.Round,
            alpha = basis.Gate.Alpha,
            needsSecondPerson = basis.Gate.NeedsSecondPerson,
            needsApprover = basis.Gate.NeedsApprover,
            versionCreatedBy = basis.Gate.VersionCreatedBy,
            requiredBy = basis.Gate.Actor,
        },
        policy = basis.Policy is not { } policy ? null : new { id = policy.Id, agent = policy.AgentName, revision = policy.Revision, sha256 = policy.DocumentHash, setBy = policy.Actor },
        verdict = StoredWord.Of(basis.Standing.Verdict),
        requirements = basis.Evidence.Zip(basis.Standing.Requirements, (evidence, standing) => Requirement(evidence, standing, basis.Unfinished.GetValueOrDefault(evidence.Requirement.Ordinal) ?? [])),
        evidence = basis.Digests.Select(Entry),
    });

    private static object Requirement(RequirementEvidence evidence, RequirementStanding standing, IReadOnlyList<UnfinishedRun> unfinished)
    {
        var requirement = evidence.Requirement;
        return new
        {
            ordinal = requirement.Ordinal,
            suiteId = requirement.SuiteId,
            suite = requirement.SuiteName,
            revision = requirement.SuiteRevision,
            rule = PolicyWord.Of(requirement.Rule),
            limit = requirement.Limit,
            tagLimits = requirement.TagLimits,
            mustPass = requirement.MustPass,
            baseline = requirement.BaselineVersionId is not { } baseline ? null : new { id = baseline, label = requirement.BaselineLabel },
            verdict = StoredWord.Of(standing.Verdict),
            looks = evidence.Looks.Select(Look),
            baselineLooks = evidence.BaselineLooks.Select(Look),
            unfinished = unfinished.Select(run => new { run = run.RunId, status = StoredWord.Of(run.Status), cases = run.CaseCount, answered = run.AnsweredCount, passed = run.PassedCount }),
            parts = standing.Parts.Select(part => new
            {
                tag = part.Tag,
                limit = part.Limit,
                verdict = StoredWord.Of(part.Verdict),
                passed = part.Passed,
                cases = part.Cases,
                estimate = Figure(part.Estimate),
                low = Figure(part.Low),
                high = Figure(part.High),
                logEvidence = Figure(part.LogEvidence),
                level = Figure(part.Level),
            }),
        };
    }

    private static object Look(Look look) => new
    {
        run = look.RunId,
        completedAt = EvidenceLines.Time(look.CompletedAt),
        passed = look.PassedCount,
        cases = look.Outcomes.Length,
        @void = look.IsVoid ? new { at = EvidenceLines.Time(look.VoidedAt), by = look.VoidedBy, reason = look.VoidReason } : null,
    };

    private static object Entry(EvidenceDigest digest) => digest.Key switch
    {
        { SuiteId: { } suite, Revision: { } revision } key => new { kind = key.Word, id = key.Id, suite, revision, lines = digest.Lines, sha256 = digest.Sha256 },
        { Revision: { } revision } key => new { kind = key.Word, id = key.Id, revision, lines = digest.Lines, sha256 = digest.Sha256 },
        var key => new { kind = key.Word, id = key.Id, lines = digest.Lines, sha256 = digest.Sha256 },
    };

    private static double? Figure(double? value) =>
        value is { } number ? double.Parse(number.ToString(FigureFormat, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}

/// <summary>The content of a certificate.</summary>
internal sealed record CertificateBasis
{
    public required CertifiedVersion Version { get; init; }

    /// <summary>For readers only: it is not compared.</summary>
    public required string TenantSlug { get; init; }

    public required VersionGate Gate { get; init; }

    public StoredPolicy? Policy { get; init; }

    public required IReadOnlyList<RequirementEvidence> Evidence { get; init; }

    public required GateStanding Standing { get; init; }

    /// <summary>For readers only: runs that did not count, by requirement.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<UnfinishedRun>> Unfinished { get; init; } = new Dictionary<int, IReadOnlyList<UnfinishedRun>>();

    public required string From { get; init; }

    public required string To { get; init; }

    public required string By { get; init; }

    public required bool IsApprover { get; init; }

    public IReadOnlyList<EvidenceDigest> Digests { get; init; } = [];

    /// <returns>The pieces of evidence it is based on, except the audit trail, in the order of the document.</returns>
    public IEnumerable<EvidenceKey> Keys()
    {
        yield return new EvidenceKey(EvidenceKind.Version, Version.Id);
        foreach (var baseline in Evidence.Select(one => one.Requirement.BaselineVersionId).OfType<long>().Distinct().Order())
            yield return new EvidenceKey(EvidenceKind.Version, baseline);
        if (Policy is { } policy)
            yield return new EvidenceKey(EvidenceKind.Policy, policy.Id);
        yield return new EvidenceKey(EvidenceKind.Gate, Gate.Id);
        foreach (var requirement in Evidence.Select(one => one.Requirement).DistinctBy(one => (one.SuiteId, one.SuiteRevision)))
            yield return new EvidenceKey(EvidenceKind.Cases, requirement.SuiteId, Revision: requirement.SuiteRevision);
        foreach (var look in Looks())
        {
            yield return new EvidenceKey(EvidenceKind.Look, look.RunId);
            yield return new EvidenceKey(EvidenceKind.Run, look.RunId);
            yield return new EvidenceKey(EvidenceKind.Results, look.RunId, look.SuiteId, look.SuiteRevision);
        }
    }

    /// <returns>The looks of the version and its baselines, void ones among them, by run.</returns>
    public IEnumerable<Look> Looks() => Evidence.SelectMany(one => one.Looks.Concat(one.BaselineLooks)).DistinctBy(look => look.RunId).OrderBy(look => look.RunId);
}
