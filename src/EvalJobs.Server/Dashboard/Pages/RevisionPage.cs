using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What differs between two revisions of this suite?</summary>
internal sealed class RevisionPage(
    PageRequest request, EvaluationSuiteRepository suites, SuiteRevisionRepository revisions, ChangeRecordRepository changes, TenantRepository tenants, TenantHealthRepository health)
{
    /// <summary>Cases on one page.</summary>
    internal const int PageSize = 25;

    private const int PreviewLength = 4000;

    /// <summary>Audit records that are searched for the creation of a revision.</summary>
    private const int RecordCount = 1000;

    public async Task<IResult> ShowAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        var tenant = request.EnsureSees(await tenants.GetAsync(suite.TenantId, request.Aborted));
        var newer = request.QueryRevision("new", suite.Revision) ?? suite.Revision;
        var older = request.QueryRevision("old", suite.Revision) ?? Math.Max(newer - 1, 1);
        var counts = (Old: await suites.CountCasesAsync(suite.Id, older, request.Aborted), New: await suites.CountCasesAsync(suite.Id, newer, request.Aborted));
        var partCount = LastPage.Of(Math.Max(counts.Old, counts.New), SuiteRevisionRepository.PartLength);
        var part = (int)Math.Clamp(request.QueryNumber("part") ?? 1, 1, partCount);
        var page = (int)Math.Clamp(request.QueryNumber("page") ?? 1, 1, int.MaxValue / PageSize);
        var difference = await revisions.CompareAsync(suite.Id, older, newer, part, (page - 1) * PageSize, PageSize, PreviewLength, request.Aborted);
        if (LastPage.Of(difference.Total, PageSize) is var last && last < page)
        {
            page = last;
            difference = await revisions.CompareAsync(suite.Id, older, newer, part, (page - 1) * PageSize, PageSize, PreviewLength, request.Aborted);
        }

        var records = (await changes.ListAsync(
            new AuditFilter { TenantIds = [tenant.Id], TargetEntity = nameof(EvaluationSuite), TargetId = suite.Id }, RecordCount, request.Aborted))
            .Where(record => record.Type == ChangeType.SuiteImported).ToList();
        return Page.Of<RevisionView, RevisionModel>(new RevisionModel
        {
            Suite = suite,
            Tenant = tenant,
            Now = await health.ReadClockAsync(request.Aborted),
            Old = Side(older, counts.Old),
            New = Side(newer, counts.New),
            Difference = difference,
            Part = part,
            PartCount = partCount,
            Page = page,
        });

        RevisionSide Side(int number, int caseCount) =>
            RevisionSide.Of(suite, number, caseCount, records.FirstOrDefault(record => HistoryModel.RevisionOf(record) == number));
    }
}

/// <summary>One of two revisions.</summary>
/// <param name="Number">Its number.</param>
/// <param name="CaseCount">Its cases.</param>
/// <param name="Record">The audit record of its creation; null when that record was deleted.</param>
/// <param name="Settings">Its settings by their names; null where they are not known.</param>
internal sealed record RevisionSide(int Number, int CaseCount, ChangeRecord? Record, IReadOnlyDictionary<string, string?> Settings)
{
    private const string Name = "Name";
    private const string Threshold = "Pass threshold";
    private const string IsDefault = "Default suite";
    private const string Description = "Description";
    private const string Tags = "Tags";

    /// <summary>The names of the settings, in reading order.</summary>
    public static readonly IReadOnlyList<string> SettingNames = [Name, Threshold, IsDefault, Description, Tags];

    /// <summary>A revision with the settings of its record, or of the suite itself where it is the present one.</summary>
    public static RevisionSide Of(EvaluationSuite suite, int number, int caseCount, ChangeRecord? record) => new(number, caseCount, record, number == suite.Revision
        ? new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Name] = suite.Name,
            [Threshold] = DisplayText.Percent(suite.PassThreshold),
            [IsDefault] = suite.IsDefault ? "yes" : "no",
            [Description] = suite.Description,
            [Tags] = string.Join(", ", CaseTags.FromJson(suite.Tags)),
        }
        : record is null ? new Dictionary<string, string?>(StringComparer.Ordinal) : Read(record));

    private static Dictionary<string, string?> Read(ChangeRecord record)
    {
        using var payload = JsonDocument.Parse(record.Payload);
        var root = payload.RootElement;
        return new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Name] = Find("name")?.GetString(),
            [Threshold] = Find("passThreshold") is { ValueKind: JsonValueKind.Number } threshold ? DisplayText.Percent(threshold.GetDouble()) : null,
            [IsDefault] = Find("isDefault") is { } isDefault ? isDefault.ValueKind == JsonValueKind.True ? "yes" : "no" : null,
            [Description] = Find("description")?.GetString(),
            [Tags] = Find("tags") is { ValueKind: JsonValueKind.Array } tags ? string.Join(", ", tags.EnumerateArray().Select(tag => tag.GetString())) : null,
        };

        JsonElement? Find(string name) => root.TryGetProperty(name, out var value) ? value : null;
    }
}

/// <summary>What the page of a revision difference shows.</summary>
internal sealed record RevisionModel
{
    /// <summary>The suite.</summary>
    public required EvaluationSuite Suite { get; init; }

    /// <summary>Its tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The database's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The one revision.</summary>
    public required RevisionSide Old { get; init; }

    /// <summary>The other.</summary>
    public required RevisionSide New { get; init; }

    /// <summary>The cases that differ.</summary>
    public required RevisionDifference Difference { get; init; }

    /// <summary>The part of the cases that is compared, from 1.</summary>
    public required int Part { get; init; }

    /// <summary>Parts there are.</summary>
    public required int PartCount { get; init; }

    /// <summary>The page shown, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>Pages of the part.</summary>
    public int PageCount => LastPage.Of(Difference.Total, RevisionPage.PageSize);
}
