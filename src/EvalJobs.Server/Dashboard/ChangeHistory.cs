using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>Reads who did what to a version or a suite: its own audit records, those of its requested and void runs, and those of its policies.</summary>
internal sealed class ChangeHistory(PageRequest request, ChangeRecordRepository changes, RunListRepository runs, PromotionRepository promotion)
{
    /// <summary>The query value with the last record of the previous page.</summary>
    internal const string BeforeField = "history";

    /// <summary>Its latest runs whose records are listed.</summary>
    internal const int RunCount = 500;

    private const int PageSize = 15;
    private const int PolicyCount = 50;

    /// <returns>A page of what was done to a version, newest first.</returns>
    public async Task<HistoryModel> ReadAsync(AgentVersion version)
    {
        var policies = await promotion.ListPoliciesAsync(version.TenantId, version.AgentName, PolicyCount, request.Aborted);
        var ofTenant = version.AgentName.Length == 0 ? [] : await promotion.ListPoliciesAsync(version.TenantId, "", PolicyCount, request.Aborted);
        var set = await ListRequestsAsync(version.TenantId, nameof(PromotionPolicy), policies.Concat(ofTenant).Select(policy => policy.Id));

        // Policies from before the version do not concern it.
        return await ReadAsync(
            version.TenantId, nameof(AgentVersion), version.Id, new RunListFilter { TenantIds = [version.TenantId], VersionId = version.Id },
            [.. set.Where(record => record.At >= version.CreatedAt)]);
    }

    /// <returns>A page of what was done to a suite, newest first.</returns>
    public Task<HistoryModel> ReadAsync(EvaluationSuite suite) => ReadAsync(
        suite.TenantId, nameof(EvaluationSuite), suite.Id, new RunListFilter { TenantIds = [suite.TenantId], SuiteId = suite.Id }, []);

    private long Before => request.QueryNumber(BeforeField) ?? long.MaxValue;

    private async Task<HistoryModel> ReadAsync(long tenantId, string entity, long id, RunListFilter ofRuns, IReadOnlyList<ChangeRecord> others)
    {
        var own = await changes.ListAsync(
            new AuditFilter { TenantIds = [tenantId], TargetEntity = entity, TargetId = id, BeforeId = Before }, PageSize + 1, request.Aborted);
        var runIds = await runs.ListIdsAsync(ofRuns, RunCount, request.Aborted);
        var requests = await ListRequestsAsync(tenantId, nameof(EvaluationRun), runIds);
        var all = own.Concat(requests).Concat(others).OrderByDescending(record => record.Id).ToList();
        return new HistoryModel(id, [.. all.Take(PageSize)], all.Count > PageSize, runIds.Count == RunCount);
    }

    private Task<IReadOnlyList<ChangeRecord>> ListRequestsAsync(long tenantId, string entity, IEnumerable<long> ids) =>
        changes.ListRequestsAsync(tenantId, entity, ids, Before, PageSize + 1, request.Aborted);
}

/// <summary>The history of a version or a suite.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Records">A page of records, newest first.</param>
/// <param name="HasMore">Whether older ones follow.</param>
/// <param name="IsOfLatestRuns">Whether it has more runs than are listed.</param>
internal sealed record HistoryModel(long Id, IReadOnlyList<ChangeRecord> Records, bool HasMore, bool IsOfLatestRuns)
{
    /// <returns>What a record says, in words.</returns>
    public static string Words(ChangeRecord record) => record.Type switch
    {
        ChangeType.SuiteImported => RevisionOf(record) is 1 ? "Created" : $"Revision {RevisionOf(record)} stored",
        ChangeType.VersionCreated => "Created",
        ChangeType.VersionTransitioned => $"Moved from {Read(record, "from")} to {Read(record, "to")}",
        ChangeType.VersionRequired => "Requirements stored",
        ChangeType.RunCreated => $"Run {record.TargetId} created",
        ChangeType.RunVoided => $"Run {record.TargetId} declared void",
        ChangeType.PolicySet => $"Policy revision {RevisionOf(record)} set",
        _ => AuditWords.Action(record.Type),
    };

    /// <returns>The revision that a record is of; null when it is of none.</returns>
    public static int? RevisionOf(ChangeRecord record) => int.TryParse(Read(record, "revision"), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <returns>How many cases a revision has, and how many of them are new or changed, in words; blank when the record does not say.</returns>
    public static string CasesOf(ChangeRecord record)
    {
        if (!long.TryParse(Read(record, "cases"), System.Globalization.CultureInfo.InvariantCulture, out var count))
            return "";
        var changes = ((string[])["added", "replaced", "removed"]).Select(word => (Word: word, Count: Read(record, word))).Where(each => each.Count is not (null or "0")).Select(each => $"{each.Count} {each.Word}").ToList();
        return changes.Count == 0 ? $"{DisplayText.Many(count, "case")}{(Read(record, "added") is null ? "" : ", none changed")}" : $"{DisplayText.Many(count, "case")}: {string.Join(", ", changes)}";
    }

    /// <returns>A field of a record's payload as text; null when it has no such field.</returns>
    public static string? Read(ChangeRecord record, string name)
    {
        using var payload = JsonDocument.Parse(record.Payload);
        return payload.RootElement.ValueKind == JsonValueKind.Object && payload.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ToString()
            : null;
    }
}
