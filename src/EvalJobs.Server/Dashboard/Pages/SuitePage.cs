using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What does this suite ask, and how do versions do on it?</summary>
internal sealed class SuitePage(
    PageRequest request, EvaluationSuiteRepository suites, SuiteListRepository lists, TenantRepository tenants, ChangeRecordRepository changes, TenantHealthRepository health,
    DataExporter exporter, CurrentSuiteReader current)
{
    /// <summary>Cases on one page.</summary>
    internal const int PageSize = 25;

    private const int PreviewLength = 2000;
    private const int RevisionCount = 15;

    public async Task<IResult> ShowAsync(long id)
    {
        var (tenant, suite) = await FindAsync(id);
        var revision = request.QueryRevision("revision", suite.Revision) ?? suite.Revision;
        var after = CaseAnchor.After(request, PageSize);
        var cases = await lists.ListCasesAsync(suite.Id, revision, after, PreviewLength, PageSize + 1, request.Aborted);
        var records = await changes.ListAsync(tenant.Id, nameof(EvaluationSuite), suite.Id, long.MaxValue, RevisionCount * 2, request.Aborted);

        return Page.Of<SuiteView, SuiteModel>(new SuiteModel
        {
            Suite = suite,
            Tenant = tenant,
            Now = await health.ReadClockAsync(request.Aborted),
            Revision = revision,
            CaseCount = await suites.CountCasesAsync(suite.Id, revision, request.Aborted),
            Cases = [.. cases.Take(PageSize)],
            Opened = CaseAnchor.FromQuery(request),
            HasMore = cases.Count > PageSize,
            Revisions = Revisions(suite, records),
            Present = revision == suite.Revision ? await current.ReadAsync(tenant, suite) : null,
        });
    }

    /// <summary>One text of one case, whole.</summary>
    public async Task<IResult> ReadTextAsync(long id, long caseId, string name) => Page.Text(await FindTextAsync(id, caseId, name));

    /// <summary>One text of one case, rendered as Markdown.</summary>
    public async Task<IResult> ReadMarkdownAsync(long id, long caseId, string name) => Page.Markdown(
        $"Suite {id}: {name}", await FindTextAsync(id, caseId, name), $"/evaluations/suites/{id}/cases/{caseId}/{name}", $"/evaluations/suites/{id}");

    /// <summary>The revision shown, as a file that imports as the same suite again.</summary>
    public async Task<IResult> ExportAsync(long id, string format)
    {
        var (_, suite) = await FindAsync(id);
        var revision = request.QueryRevision("revision", suite.Revision) ?? suite.Revision;
        return Download.Of(request, $"suite-{suite.Id}", format, [ExportFormat.Json, ExportFormat.Jsonl], (chosen, target) => exporter.ExportSuiteAsync(suite, revision, chosen, target, request.Aborted));
    }

    private async Task<string?> FindTextAsync(long id, long caseId, string name)
    {
        var (_, suite) = await FindAsync(id);
        var text = await lists.GetTextAsync(suite.Id, caseId, request.Aborted);
        return name switch
        {
            "input" => text.Input,
            "expected" => text.ExpectedOutput,
            _ => null,
        };
    }

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        var tenant = await tenants.GetAsync(suite.TenantId, request.Aborted);
        request.EnsureSees(tenant);
        return (tenant, suite);
    }

    /// <summary>The latest revisions, each with the audit record of its creation, as long as that is kept.</summary>
    private static IReadOnlyList<SuiteRevision> Revisions(EvaluationSuite suite, IReadOnlyList<ChangeRecord> records)
    {
        var known = records.Select(record => (Number: HistoryModel.RevisionOf(record) ?? 0, Record: record)).Where(each => each.Number > 0)
            .DistinctBy(each => each.Number).ToDictionary(each => each.Number, each => each.Record);
        return [.. Enumerable.Range(0, Math.Min(RevisionCount, suite.Revision)).Select(back => suite.Revision - back)
            .Select(number => new SuiteRevision(number, known.GetValueOrDefault(number)))];
    }
}

/// <summary>One revision of a suite.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Record">The audit record of its creation; null when that record was deleted.</param>
internal sealed record SuiteRevision(int Number, ChangeRecord? Record);

/// <summary>What the page of a suite shows.</summary>
internal sealed record SuiteModel
{
    /// <summary>The suite.</summary>
    public required EvaluationSuite Suite { get; init; }

    /// <summary>Its tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The revision whose cases are shown.</summary>
    public required int Revision { get; init; }

    /// <summary>Cases of that revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>The cases of this page.</summary>
    public required IReadOnlyList<SuiteCasePreview> Cases { get; init; }

    /// <summary>The case that is shown open, by its ordinal; null means none.</summary>
    public required int? Opened { get; init; }

    /// <summary>Whether further cases follow.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Its latest revisions.</summary>
    public required IReadOnlyList<SuiteRevision> Revisions { get; init; }

    /// <summary>The data of the suite that do not belong to a revision; null on the page of an old revision.</summary>
    public required CurrentSuite? Present { get; init; }
}
