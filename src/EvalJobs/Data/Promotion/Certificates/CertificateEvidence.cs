using System.Security.Cryptography;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads the evidence of certificates as lines, the small pieces in someone's transaction, the large ones a page at a time outside of any.</summary>
internal static class CertificateEvidence
{
    /// <summary>Ordinals begin at 1. Lower ordinals are rows that were inserted later.</summary>
    private const int BeforeAnyOrdinal = int.MinValue;

    /// <returns>The lines of a small piece; none when it is missing.</returns>
    public static async Task<IReadOnlyList<string>> ReadAsync(DbWork db, EvidenceKey key) => key.Kind switch
    {
        EvidenceKind.Version => [.. (await db.QueryAsync<CertifiedVersion>(SqlQuery.GetCertifiedVersion, new { VersionId = key.Id })).Select(EvidenceLines.Of)],
        EvidenceKind.Policy => [.. (await db.QueryAsync<StoredPolicy>(SqlQuery.GetPolicy, new { PolicyId = key.Id })).Select(EvidenceLines.Of)],
        EvidenceKind.Gate =>
        [
            .. (await db.QueryAsync<VersionGate>(SqlQuery.GetVersionGate, new { GateId = key.Id })).Select(EvidenceLines.Of),
            .. (await db.QueryAsync<CertifiedRequirement>(SqlQuery.ListCertifiedRequirements, new { GateId = key.Id })).Select(EvidenceLines.Of),
        ],
        EvidenceKind.Look => [.. (await db.QueryAsync<Look>(SqlQuery.GetLook, new { RunId = key.Id })).Select(EvidenceLines.Of)],
        EvidenceKind.Run => [.. (await db.QueryAsync<CertifiedRun>(SqlQuery.GetCertifiedRun, new { RunId = key.Id })).Select(EvidenceLines.Of)],
        EvidenceKind.Audit => [.. (await db.QueryAsync<ChangeRecord>(SqlQuery.GetChangeRecord, new { ChangeId = key.Id })).Select(EvidenceLines.Of)],
        _ => throw new ArgumentOutOfRangeException(nameof(key), key.Kind, "This kind is read a page at a time."),
    };

    /// <returns>The lines of a large piece and, for results, the letter of each verdict.</returns>
    public static IAsyncEnumerable<(string Line, char Outcome)> StreamAsync(EvaluationDatabase database, EvidenceKey key, CancellationToken cancellationToken) =>
        key.Kind == EvidenceKind.Cases ? StreamCasesAsync(database, key, cancellationToken) : StreamResultsAsync(database, key, cancellationToken);

    /// <returns>A large piece, summed up.</returns>
    public static async Task<EvidenceDigest> SumUpAsync(EvaluationDatabase database, EvidenceKey key, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (lines, outcomes) = (0, new System.Text.StringBuilder());
        await foreach (var (line, outcome) in StreamAsync(database, key, cancellationToken))
        {
            EvidenceLines.Append(hash, line);
            outcomes.Append(outcome);
            lines++;
        }

        return new EvidenceDigest(key, lines, Convert.ToHexStringLower(hash.GetHashAndReset())) { Outcomes = outcomes.ToString() };
    }

    /// <returns>A small piece, summed up.</returns>
    public static async Task<EvidenceDigest> SumUpAsync(DbWork db, EvidenceKey key)
    {
        var lines = await ReadAsync(db, key);
        return new EvidenceDigest(key, lines.Count, EvidenceLines.Sha256(lines));
    }

    private static IAsyncEnumerable<(string Line, char Outcome)> StreamCasesAsync(EvaluationDatabase database, EvidenceKey key, CancellationToken cancellationToken) =>
        PagedTexts.ReadAsync(
            (after, limit) => database.QueryAsync<TestCase>(
                SqlQuery.ListTestCases, new { SuiteId = key.Id, Revision = key.Revision!.Value, AfterOrdinal = after, Limit = limit }, cancellationToken),
            testCase => testCase.Ordinal,
            testCase => testCase.Input.Length + (testCase.ExpectedOutput?.Length ?? 0) + testCase.Scoring.Length,
            BeforeAnyOrdinal).Select(testCase => (EvidenceLines.Of(testCase), ' '));

    private static IAsyncEnumerable<(string Line, char Outcome)> StreamResultsAsync(EvaluationDatabase database, EvidenceKey key, CancellationToken cancellationToken) =>
        PagedTexts.ReadAsync(
            (after, limit) => database.QueryAsync<CertifiedResult>(
                SqlQuery.ListCertifiedResults,
                new { RunId = key.Id, SuiteId = key.SuiteId!.Value, Revision = key.Revision!.Value, AfterOrdinal = after, Limit = limit },
                cancellationToken),
            result => result.Ordinal,
            result => (result.Output?.Length ?? 0) + (result.Error?.Length ?? 0),
            BeforeAnyOrdinal).Select(result => (EvidenceLines.Of(result), result.Verdict.Length > 0 ? result.Verdict[0] : '?'));
}
