using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The certificate of one promotion, as stored.</summary>
internal sealed record StoredCertificate
{
    /// <summary>The audit record of the transition; it names the certificate.</summary>
    public required long AuditRecordId { get; init; }

    /// <summary>The tenant that owns the version.</summary>
    public required long TenantId { get; init; }

    /// <summary>The version that was promoted.</summary>
    public required long VersionId { get; init; }

    /// <summary>Canonical JSON; docs/guide/certificate.md describes it.</summary>
    public required string Document { get; init; }

    /// <summary>SHA-256 of the audit record of the transition, as certificates write it.</summary>
    public required string AuditHash { get; init; }

    /// <summary>SHA-256 of <see cref="Document"/> as it is stored now; the audit record of the transition has the original hash.</summary>
    public string Sha256 => Genome.HashOf(Document);
}

/// <summary>The outcome of checking a certificate against what is stored.</summary>
/// <param name="Differences">The differences from the time of the promotion, each in one sentence; begin with the first.</param>
/// <param name="Remarks">What could not be compared because it was deleted in time, and what was declared void since.</param>
internal sealed record CertificateVerification(IReadOnlyList<string> Differences, IReadOnlyList<string> Remarks)
{
    /// <summary>Whether all data that are still stored are unchanged.</summary>
    public bool IsIntact => Differences.Count == 0;
}
