using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads certificates of promotions, checks them against what is stored, and exports them with their evidence.</summary>
internal sealed class CertificateRepository(EvaluationDatabase database)
{
    /// <returns>The certificates of a version, the newest first; empty when it was never promoted by its requirements.</returns>
    public Task<IReadOnlyList<StoredCertificate>> ListAsync(long versionId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<StoredCertificate>(SqlQuery.ListCertificates, new { VersionId = versionId, Limit = limit }, cancellationToken);

    /// <param name="auditRecordId">The audit record of the transition.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="NotFoundException">There is no such certificate.</exception>
    public async Task<StoredCertificate> GetAsync(long auditRecordId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<StoredCertificate>(SqlQuery.GetCertificate, new { AuditRecordId = auditRecordId }, cancellationToken)
        ?? throw new NotFoundException($"There is no certificate of the audit record {auditRecordId}.");

    /// <returns>The audit record of a certificate's transition; null when it is no longer kept.</returns>
    public Task<ChangeRecord?> FindTransitionAsync(StoredCertificate certificate, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<ChangeRecord>(SqlQuery.GetChangeRecord, new { ChangeId = certificate.AuditRecordId }, cancellationToken);

    /// <summary>Recomputes a certificate from the stored data, and names the differences. Reads all results it is based on; changes nothing.</summary>
    public async Task<CertificateVerification> VerifyAsync(StoredCertificate certificate, CancellationToken cancellationToken)
    {
        var check = new CertificateCheck(database, certificate);
        try
        {
            await check.RunAsync(cancellationToken);
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            check.Differences.Add($"The certificate itself: it is not a document of this format. {error.Message}");
        }

        return new CertificateVerification(check.Differences, check.Remarks);
    }

    /// <summary>Writes a certificate and all its evidence as lines, which can be verified without this program; docs/guide/certificate.md describes them.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="target">Takes the lines. Stays open.</param>
    /// <param name="cancellationToken">Ends the writing in the middle.</param>
    /// <remarks>Contains prompts and replies. It is written from the data stored now: verification shows a piece that was deleted or changed since.</remarks>
    public async Task ExportAsync(StoredCertificate certificate, TextWriter target, CancellationToken cancellationToken)
    {
        await WriteLineAsync(target, certificate.Document, cancellationToken);
        foreach (var (key, _, _) in CertificateCheck.Entries(JsonElement.Parse(certificate.Document)))
            await ExportAsync(key, target, cancellationToken);
        await ExportAsync(new EvidenceKey(EvidenceKind.Audit, certificate.AuditRecordId), target, cancellationToken);
    }

    private async Task ExportAsync(EvidenceKey key, TextWriter target, CancellationToken cancellationToken)
    {
        // The number of lines comes before them, so that a reader needs no look ahead: large pieces are read twice rather than held.
        var lines = key.IsLarge ? null : await database.ReadAsync(db => CertificateEvidence.ReadAsync(db, key), cancellationToken);
        var count = lines?.Count ?? (await CertificateEvidence.SumUpAsync(database, key, cancellationToken)).Lines;
        await WriteLineAsync(target, EvidenceLines.Line(new { kind = key.Word, id = key.Id, lines = count }), cancellationToken);
        foreach (var line in lines ?? [])
            await WriteLineAsync(target, line, cancellationToken);
        if (lines is not null)
            return;
        await foreach (var (line, _) in CertificateEvidence.StreamAsync(database, key, cancellationToken))
            await WriteLineAsync(target, line, cancellationToken);
    }

    private static async Task WriteLineAsync(TextWriter target, string line, CancellationToken cancellationToken)
    {
        await target.WriteAsync(line.AsMemory(), cancellationToken);
        await target.WriteAsync("\n".AsMemory(), cancellationToken);
    }
}
