using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Makes the certificate of a promotion inside its transaction.</summary>
internal static class CertificateCreation
{
    /// <summary>Composes the document. The caller holds the version and its baselines, so that the evidence cannot change before it is stored.</summary>
    /// <returns>Canonical JSON; its SHA-256 belongs in the audit record of the transition.</returns>
    /// <exception cref="DigestsMissingException">Large pieces have not been read yet: read them outside the transaction, then try again.</exception>
    /// <exception cref="ConflictException">The stored data are not what was evaluated; the message names them.</exception>
    public static async Task<string> ComposeAsync(DbWork db, AgentVersion version, VersionStanding standing, TransitionRequest request, LargeDigests digests)
    {
        if (!version.IsGenomeIntact)
            throw new ConflictException($"The stored genome of version {version.Id} is not the one it was created with: no evaluation counts for it. Restore it, or create a new version.");

        var basis = new CertificateBasis
        {
            Version = await db.QuerySingleAsync<CertifiedVersion>(SqlQuery.GetCertifiedVersion, new { VersionId = version.Id }),
            TenantSlug = (await db.QuerySingleAsync<Tenant>(SqlQuery.GetTenant, new { version.TenantId })).Slug,
            Gate = standing.Gate,
            Policy = standing.Gate.PolicyId is { } policy ? await db.QuerySingleAsync<StoredPolicy>(SqlQuery.GetPolicy, new { PolicyId = policy }) : null,
            Evidence = standing.Evidence,
            Standing = standing.Standing,
            Unfinished = standing.Unfinished,
            From = StoredWord.Of(version.LifecycleState),
            To = StoredWord.Of(request.To),
            By = request.Actor,
            IsApprover = request.IsApprover,
        };
        var keys = basis.Keys().ToList();
        if (keys.Where(key => key.IsLarge && !digests.Has(key)).ToList() is { Count: > 0 } missing)
            throw new DigestsMissingException(missing);

        var entries = new List<EvidenceDigest>();
        foreach (var key in keys)
            entries.Add(key.IsLarge ? digests[key] : await CertificateEvidence.SumUpAsync(db, key));
        foreach (var look in basis.Looks().Where(look => !look.IsVoid))
            EnsureResults(look, entries);
        foreach (var record in await ListRecordsAsync(db, basis, long.MaxValue))
            entries.Add(new EvidenceDigest(new EvidenceKey(EvidenceKind.Audit, record.Id), 1, EvidenceLines.Sha256([EvidenceLines.Of(record)])));
        return CertificateDocument.Compose(basis with { Digests = entries });
    }

    /// <summary>Stores the document with the hash of the transition's audit record, which was just written and contains the document's hash.</summary>
    public static async Task StoreAsync(DbWork db, AgentVersion version, string document)
    {
        var records = await db.QueryAsync<ChangeRecord>(SqlQuery.ListAuditTrailOfTarget, new
        {
            TenantId = (long?)version.TenantId,
            TargetEntity = nameof(AgentVersion),
            TargetId = (long?)version.Id,
            Actor = (string?)null,
            Type = (string?)null,
            AfterId = 0L,
            BeforeId = long.MaxValue,
            Limit = 1,
        });
        await db.ExecuteExactlyAsync(SqlQuery.AddCertificate, new
        {
            AuditRecordId = records[0].Id,
            version.TenantId,
            VersionId = version.Id,
            Document = document,
            AuditHash = EvidenceLines.Sha256([EvidenceLines.Of(records[0])]),
        }, 1);
    }

    /// <returns>The audit records of a promotion before an id, oldest first.</returns>
    public static Task<IReadOnlyList<ChangeRecord>> ListRecordsAsync(DbWork db, CertificateBasis basis, long beforeId) =>
        db.QueryAsync<ChangeRecord>(SqlQuery.ListCertifiedRecords, new
        {
            VersionId = basis.Version.Id,
            PolicyId = basis.Policy?.Id,
            RunIds = JsonSerializer.Serialize(basis.Looks().Select(look => look.RunId)),
            BeforeId = beforeId,
        });

    /// <summary>Results that were changed after the run completed must not support a promotion. A purged run has no results; its look counts.</summary>
    private static void EnsureResults(Look look, List<EvidenceDigest> entries)
    {
        var results = entries.Single(entry => entry.Key.Kind == EvidenceKind.Results && entry.Key.Id == look.RunId);
        var isPurged = results.Lines == 0 && entries.Single(entry => entry.Key.Kind == EvidenceKind.Run && entry.Key.Id == look.RunId).Lines == 0;
        if (!isPurged && results.Outcomes != look.Outcomes)
        {
            throw new ConflictException(
                $"The stored results of run {look.RunId} are not those it completed with: 42-integrity-check.sql shows the differences. Declare the run void, or put the results back.");
        }
    }
}

/// <summary>The digests of large pieces of evidence, read before the transaction that needs them. For one promotion; not for concurrent use.</summary>
/// <remarks>Cases of a revision and results of a completed run never change, so they may be read earlier and without any lock.</remarks>
internal sealed class LargeDigests(EvaluationDatabase database)
{
    private readonly Dictionary<EvidenceKey, EvidenceDigest> _digests = [];

    public EvidenceDigest this[EvidenceKey key] => _digests[key];

    public bool Has(EvidenceKey key) => _digests.ContainsKey(key);

    public async Task AddAsync(IEnumerable<EvidenceKey> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
            _digests[key] = await CertificateEvidence.SumUpAsync(database, key, cancellationToken);
    }
}

/// <summary>Large pieces of evidence have to be read before the promotion is tried again.</summary>
internal sealed class DigestsMissingException(IReadOnlyList<EvidenceKey> keys) : Exception("Evidence has to be read first.")
{
    public IReadOnlyList<EvidenceKey> Keys { get; } = keys;
}
