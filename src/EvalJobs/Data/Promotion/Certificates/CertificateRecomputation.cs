using System.Data;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Recomputes a certificate's figures from the stored data, and compares the two documents.</summary>
internal sealed class CertificateRecomputation(StoredCertificate certificate, JsonElement document)
{
    /// <summary>For reading only: a tenant or suite may be renamed, and runs that did not count may be purged. The evidence is compared piece by piece before.</summary>
    private static readonly string[] Ignored = ["slug", "suite", "unfinished", "evidence"];

    /// <summary>What was declared void since.</summary>
    public List<string> Remarks { get; } = [];

    /// <returns>The first figure that differs, and audit records that were inserted later; empty when all agree, or when a piece is missing, which another check reports.</returns>
    public async Task<IReadOnlyList<string>> CompareAsync(DbWork db)
    {
        try
        {
            if (await ReadAsync(db) is not { } basis)
                return [];
            var differences = await ListExtraRecordsAsync(db, basis);
            if (Difference(document, JsonElement.Parse(CertificateDocument.Compose(basis)), "") is { } difference)
                differences.Add(difference);
            return differences;
        }
        catch (Exception error) when (error is DataException or ArgumentException or IndexOutOfRangeException or JsonException)
        {
            return [$"The figures cannot be recomputed: {error.Message}"];
        }
    }

    /// <returns>The look as it was at the promotion: not void when the audit trail says that it was declared void later.</returns>
    /// <param name="db">The unit of work.</param>
    /// <param name="look">The look as it is now.</param>
    /// <param name="wasVoid">Whether the certificate says that it was void.</param>
    /// <param name="auditRecordId">The audit record of the transition.</param>
    public static async Task<Look> AtPromotionAsync(DbWork db, Look look, bool wasVoid, long auditRecordId)
    {
        if (wasVoid || !look.IsVoid)
            return look;
        var records = await db.QueryAsync<ChangeRecord>(SqlQuery.ListVoidRecords, new { look.RunId });
        var isLater = records.Count > 0 ? records.All(record => record.Id > auditRecordId) : await CertificateCheck.IsForgottenAsync(db, auditRecordId);
        return isLater ? look with { VoidedAt = null, VoidedBy = null, VoidReason = null } : look;
    }

    /// <returns>Whether a document's entry of a look says that it was void.</returns>
    public static bool IsVoid(JsonElement look) => look.GetProperty("void").ValueKind != JsonValueKind.Null;

    private async Task<CertificateBasis?> ReadAsync(DbWork db)
    {
        var gate = await db.QuerySingleOrDefaultAsync<VersionGate>(SqlQuery.GetVersionGate, new { GateId = document.GetProperty("gate").GetProperty("id").GetInt64() });
        var version = await db.QuerySingleOrDefaultAsync<CertifiedVersion>(SqlQuery.GetCertifiedVersion, new { certificate.VersionId });
        if (gate is null || version is null)
            return null;

        var transition = document.GetProperty("transition");
        var record = await db.QuerySingleOrDefaultAsync<ChangeRecord>(SqlQuery.GetChangeRecord, new { ChangeId = certificate.AuditRecordId });
        var requirements = (await db.QueryAsync<RequirementRow>(SqlQuery.ListRequirements, new { GateId = gate.Id })).Select(row => row.ToRequirement()).ToList();
        var evidence = new List<RequirementEvidence>();
        foreach (var entry in document.GetProperty("requirements").EnumerateArray())
        {
            var requirement = requirements.Find(one => one.Ordinal == entry.GetProperty("ordinal").GetInt32());
            if (requirement is null || await ReadAsync(db, requirement, entry) is not { } one)
                return null;
            evidence.Add(one);
        }

        var policies = gate.PolicyId is { } policy ? await db.QueryAsync<StoredPolicy>(SqlQuery.GetPolicy, new { PolicyId = policy }) : [];
        return new CertificateBasis
        {
            Version = version,
            TenantSlug = "",
            Gate = gate,
            Policy = policies.Count > 0 ? policies[0] : null,
            Evidence = evidence,
            Standing = PromotionGate.Decide(evidence, gate.Alpha),
            From = transition.GetProperty("from").GetString()!,
            To = transition.GetProperty("to").GetString()!,
            By = record?.Actor ?? transition.GetProperty("by").GetString()!,
            IsApprover = transition.GetProperty("asApprover").GetBoolean(),
        };
    }

    private async Task<RequirementEvidence?> ReadAsync(DbWork db, Requirement requirement, JsonElement entry)
    {
        if (await ReadLooksAsync(db, entry.GetProperty("looks")) is not { } looks || await ReadLooksAsync(db, entry.GetProperty("baselineLooks")) is not { } baseline)
            return null;
        return new RequirementEvidence
        {
            Requirement = requirement,
            Looks = looks,
            Cases = looks.Count == 0 ? [] : await GateEvidence.ListCasesAsync(db, requirement, looks[0].Outcomes.Length),
            BaselineLooks = baseline,
        };
    }

    private async Task<List<Look>?> ReadLooksAsync(DbWork db, JsonElement entries)
    {
        var looks = new List<Look>();
        foreach (var entry in entries.EnumerateArray())
        {
            var runId = entry.GetProperty("run").GetInt64();
            if (await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = runId }) is not { } look)
                return null;
            looks.Add(await AtPromotionAsync(db, look, IsVoid(entry), certificate.AuditRecordId));
            if (look.IsVoid && !looks[^1].IsVoid)
                Remarks.Add($"Run {runId} was declared void after this promotion by {look.VoidedBy}: \"{look.VoidReason}\".");
        }

        return looks;
    }

    /// <summary>A record about the promotion that the certificate does not contain was inserted after the certificate was made.</summary>
    private async Task<List<string>> ListExtraRecordsAsync(DbWork db, CertificateBasis basis)
    {
        var known = CertificateCheck.Entries(document).Where(entry => entry.Key.Kind == EvidenceKind.Audit).Select(entry => entry.Key.Id).ToHashSet();
        return [.. (await CertificateCreation.ListRecordsAsync(db, basis, certificate.AuditRecordId))
            .Where(record => !known.Contains(record.Id))
            .Select(record => $"Audit record {record.Id} ({record.Type}) was not there at the promotion.")];
    }

    /// <returns>Where two documents differ first; null when they agree.</returns>
    private static string? Difference(JsonElement said, JsonElement stored, string path)
    {
        if (said.ValueKind == JsonValueKind.Object && stored.ValueKind == JsonValueKind.Object)
        {
            return said.EnumerateObject().Where(property => !Ignored.Contains(property.Name))
                .Select(property => stored.TryGetProperty(property.Name, out var other)
                    ? Difference(property.Value, other, path.Length == 0 ? property.Name : $"{path}.{property.Name}")
                    : $"{path}.{property.Name}: the certificate says {property.Value.GetRawText()}, the stored data have no such value.")
                .FirstOrDefault(difference => difference is not null);
        }

        if (said.ValueKind == JsonValueKind.Array && stored.ValueKind == JsonValueKind.Array && said.GetArrayLength() == stored.GetArrayLength())
        {
            return said.EnumerateArray().Zip(stored.EnumerateArray()).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]"))
                .FirstOrDefault(difference => difference is not null);
        }

        return said.GetRawText() == stored.GetRawText() ? null : $"{path}: the certificate says {said.GetRawText()}, the stored data give {stored.GetRawText()}.";
    }
}
