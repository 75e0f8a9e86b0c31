using System.Data;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>One verification of a certificate: its seal, then each piece of evidence, then the recomputed figures.</summary>
internal sealed class CertificateCheck(EvaluationDatabase database, StoredCertificate certificate)
{
    private IReadOnlyList<string> _purges = [];

    /// <summary>The differences, in the order of the certificate.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>What could not be compared, and what happened since.</summary>
    public List<string> Remarks { get; } = [];

    /// <exception cref="JsonException">The document is not valid JSON.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var document = JsonElement.Parse(certificate.Document);
        var entries = Entries(document).ToList();
        var voids = document.GetProperty("requirements").EnumerateArray()
            .SelectMany(requirement => requirement.GetProperty("looks").EnumerateArray().Concat(requirement.GetProperty("baselineLooks").EnumerateArray()))
            .Where(CertificateRecomputation.IsVoid).Select(look => look.GetProperty("run").GetInt64()).ToHashSet();
        var belongsToOther = Read(document, "tenant", "id").GetInt64() != certificate.TenantId || Read(document, "version", "id").GetInt64() != certificate.VersionId;
        var (figures, remarks) = await database.ReadAsync(async db =>
        {
            // A transient error repeats all of this.
            Differences.Clear();
            Remarks.Clear();
            if (belongsToOther)
                Differences.Add($"The certificate is kept for version {certificate.VersionId} of tenant {certificate.TenantId}, but belongs to another.");
            await CheckSealAsync(db);
            foreach (var entry in entries.Where(entry => !entry.Key.IsLarge))
                await CompareAsync(db, entry, () => SumUpAsync(db, entry.Key, voids.Contains(entry.Key.Id)));
            var recomputation = new CertificateRecomputation(certificate, document);
            return (await recomputation.CompareAsync(db), recomputation.Remarks);
        }, cancellationToken);
        foreach (var entry in entries.Where(entry => entry.Key.IsLarge))
        {
            var found = await SumUpAsync(entry.Key, cancellationToken);
            await database.ReadAsync(db => CompareAsync(db, entry, () => found), cancellationToken);
        }

        Differences.AddRange(figures);
        Remarks.AddRange(remarks);
    }

    /// <returns>The pieces of evidence that a document names, with their lines and hashes.</returns>
    public static IEnumerable<(EvidenceKey Key, int Lines, string Sha256)> Entries(JsonElement document)
    {
        foreach (var entry in document.GetProperty("evidence").EnumerateArray())
        {
            var key = EvidenceKey.Parse(
                entry.GetProperty("kind").GetString()!,
                entry.GetProperty("id").GetInt64(),
                entry.TryGetProperty("suite", out var suite) ? suite.GetInt64() : null,
                entry.TryGetProperty("revision", out var revision) ? revision.GetInt32() : null);
            yield return (key, entry.GetProperty("lines").GetInt32(), entry.GetProperty("sha256").GetString()!);
        }
    }

    private static JsonElement Read(JsonElement document, string first, string second) => document.GetProperty(first).GetProperty(second);

    /// <summary>The audit record of the transition holds the hash of the document, and is hashed itself.</summary>
    private async Task CheckSealAsync(DbWork db)
    {
        if (await db.QuerySingleOrDefaultAsync<ChangeRecord>(SqlQuery.GetChangeRecord, new { ChangeId = certificate.AuditRecordId }) is not { } record)
        {
            if (await IsForgottenAsync(db, certificate.AuditRecordId))
                Remarks.Add($"The audit record {certificate.AuditRecordId} of the transition is no longer kept (Retention:AuditDays): compare the certificate's SHA-256 with one you noted.");
            else
                Differences.Add($"The audit record {certificate.AuditRecordId} of the transition is missing.");
            return;
        }

        if (EvidenceLines.Sha256([EvidenceLines.Of(record)]) != certificate.AuditHash)
            Differences.Add($"Audit record {record.Id} of the transition is not as it was written.");
        if (HashIn(record.Payload) != certificate.Sha256)
            Differences.Add($"The certificate itself: its SHA-256 is {certificate.Sha256}, and audit record {record.Id} of the transition says {HashIn(record.Payload) ?? "none"}.");
    }

    private async Task<bool> CompareAsync(DbWork db, (EvidenceKey Key, int Lines, string Sha256) entry, Func<Task<EvidenceDigest>> sumUp)
    {
        var key = entry.Key;
        try
        {
            var found = await sumUp();
            if (found.Sha256 == entry.Sha256)
                return true;
            if (found.Lines < entry.Lines && await IsDeletedInTimeAsync(db, key))
                Remarks.Add($"{Capital(key.Name)}: no longer kept, so {(key.Kind is EvidenceKind.Results ? "they" : "it")} cannot be compared.");
            else
                Differences.Add($"{Capital(key.Name)}: not as at the promotion{(found.Lines == entry.Lines ? "" : $"; {found.Lines} of {entry.Lines} lines are there")}.");
        }
        catch (DataException error)
        {
            Differences.Add($"{Capital(key.Name)}: cannot be read. {error.Message}");
        }

        return false;
    }

    /// <summary>A look that was declared void after the promotion counts as it did then; its audit record says when.</summary>
    private async Task<EvidenceDigest> SumUpAsync(DbWork db, EvidenceKey key, bool wasVoid)
    {
        if (key.Kind != EvidenceKind.Look || await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = key.Id }) is not { } look)
            return await CertificateEvidence.SumUpAsync(db, key);
        return new EvidenceDigest(key, 1, EvidenceLines.Sha256([EvidenceLines.Of(await CertificateRecomputation.AtPromotionAsync(db, look, wasVoid, certificate.AuditRecordId))]));
    }

    /// <returns>A task that has the digest, or the error that reading it gave: it is reported with the others.</returns>
    private async Task<Task<EvidenceDigest>> SumUpAsync(EvidenceKey key, CancellationToken cancellationToken)
    {
        var reading = CertificateEvidence.SumUpAsync(database, key, cancellationToken);
        await Task.WhenAny(reading);
        return reading;
    }

    /// <summary>Whether retention has deleted it: the audit trail from its old end, or an archived run.</summary>
    private async Task<bool> IsDeletedInTimeAsync(DbWork db, EvidenceKey key) => key.Kind switch
    {
        EvidenceKind.Audit => await IsForgottenAsync(db, key.Id),
        EvidenceKind.Run or EvidenceKind.Results => await IsPurgedAsync(db, key.Id),
        _ => false,
    };

    /// <summary>Whether retention has deleted the audit trail up to this line.</summary>
    public static async Task<bool> IsForgottenAsync(DbWork db, long changeId)
    {
        var oldest = await db.QuerySingleOrDefaultAsync<long>(SqlQuery.FindOldestChangeId);
        return oldest == 0 || oldest > changeId;
    }

    /// <summary>A purge deletes the results of a large archived run first, in several steps. A live run is never purged.</summary>
    private async Task<bool> IsPurgedAsync(DbWork db, long runId)
    {
        if ((await db.QueryAsync<CertifiedRun>(SqlQuery.GetCertifiedRun, new { RunId = runId })).Any(run => !run.IsArchived))
            return false;

        // Read once for all runs of a certificate, and again for a run they do not name: it may have been purged just now.
        if (!_purges.Any(payload => IsIn(payload, runId)))
            _purges = await db.QueryAsync<string>(SqlQuery.ListPurgeRecords);
        return _purges.Any(payload => IsIn(payload, runId));
    }

    private static bool IsIn(string purge, long runId)
    {
        try
        {
            var record = JsonElement.Parse(purge);
            return record.GetProperty("firstRunId").GetInt64() <= runId && runId <= record.GetProperty("lastRunId").GetInt64();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }

    private static string? HashIn(string payload)
    {
        try
        {
            return JsonElement.Parse(payload).TryGetProperty("certificate", out var hash) ? hash.GetString() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Capital(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}
