using System.Text;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What was this promotion based on, and is the data unchanged?</summary>
internal sealed class CertificatePage(PageRequest request, CertificateRepository certificates, AgentVersionRepository versions, TenantRepository tenants, TenantHealthRepository health)
{
    public async Task<IResult> ShowAsync(long versionId, long id)
    {
        var (tenant, version, certificate) = await FindAsync(versionId, id);
        return Page.Of<CertificateView, CertificateModel>(new CertificateModel
        {
            Tenant = tenant,
            Version = version,
            Certificate = certificate,
            Transition = await certificates.FindTransitionAsync(certificate, request.Aborted),
            Verification = request.Query("verify") is null ? null : await certificates.VerifyAsync(certificate, request.Aborted),
            Now = await health.ReadClockAsync(request.Aborted),
        });
    }

    /// <summary>The document only, byte for byte; the audit record has its hash.</summary>
    public async Task<IResult> ReadAsync(long versionId, long id)
    {
        var (_, _, certificate) = await FindAsync(versionId, id);
        return Results.Bytes(Encoding.UTF8.GetBytes(certificate.Document), "application/json", $"certificate-{certificate.AuditRecordId}.json");
    }

    private async Task<(Tenant Tenant, AgentVersion Version, StoredCertificate Certificate)> FindAsync(long versionId, long id)
    {
        var version = await versions.GetAsync(versionId, request.Aborted);
        var tenant = request.EnsureSees(await tenants.GetAsync(version.TenantId, request.Aborted));
        var certificate = await certificates.GetAsync(id, request.Aborted);
        return certificate.VersionId == version.Id ? (tenant, version, certificate) : throw new NotFoundException("Not found.");
    }
}

/// <summary>What the page of a certificate shows.</summary>
internal sealed record CertificateModel
{
    /// <summary>The tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The version that was promoted.</summary>
    public required AgentVersion Version { get; init; }

    /// <summary>The certificate.</summary>
    public required StoredCertificate Certificate { get; init; }

    /// <summary>The audit record of the transition; null when it is no longer kept.</summary>
    public required ChangeRecord? Transition { get; init; }

    /// <summary>The outcome of checking it; null when no check was requested.</summary>
    public required CertificateVerification? Verification { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }
}
