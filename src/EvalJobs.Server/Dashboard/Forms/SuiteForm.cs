using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>A suite in a form, as typed: its settings, a page of its cases, and new ones.</summary>
internal sealed partial record SuiteForm
{
    /// <summary>Cases on one page of the form.</summary>
    public const int PageSize = 20;

    /// <summary>Cases in one form at most, stored and new ones.</summary>
    public const int MostRows = 100;

    /// <summary>The tenant that owns it.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The suite as it is now; null for a new one.</summary>
    public EvaluationSuite? Suite { get; init; }

    /// <summary>The revision the form was made from; 0 for a new suite.</summary>
    public required int FromRevision { get; init; }

    /// <summary>The revision it may replace: the same, unless another user saved the suite and the sender chose to overwrite that.</summary>
    public required int BasedOn { get; init; }

    /// <summary>The ordinal before the first case of this page.</summary>
    public int After { get; init; }

    /// <summary>Cases of that revision.</summary>
    public int CaseCount { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>Share of the cases that must pass, 0..1.</summary>
    public string Threshold { get; init; } = PassRule.DefaultThreshold.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Tags, one a line.</summary>
    public string Tags { get; init; } = "";

    /// <summary>Whether versions entering TESTING are evaluated with it.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The stored cases of this page, then the new ones.</summary>
    public required IReadOnlyList<CaseForm> Cases { get; init; }

    /// <summary>Whether the form has room for another new case.</summary>
    public bool HasRoom => Cases.Count < MostRows;

    /// <summary>What is wrong.</summary>
    public FormErrors Errors { get; } = new();

    /// <summary>The new case that gets the focus, because it was just added; null when none was.</summary>
    public int? Focus { get; init; }

    /// <summary>Whether a pressed button requests another view; nothing is stored.</summary>
    public bool HasRequestedView => Cases.Any(each => each.Scoring.RequestedView.Length > 0);

    /// <summary>The form with the requested view. An error is added if something would be lost.</summary>
    public SuiteForm WithRequestedView(ScorerRegistry scorers) => this with { Cases = [.. Cases.Select(each => each with { Scoring = each.Scoring.WithRequestedView(scorers, Errors) })] };

    /// <summary>A new suite's form.</summary>
    public static SuiteForm New(Tenant tenant, bool isFirst) => new()
    {
        Tenant = tenant,
        FromRevision = 0,
        BasedOn = 0,
        IsDefault = isFirst,
        Cases = [CaseForm.New(0), CaseForm.New(1)],
    };

    /// <summary>The form of a stored suite.</summary>
    public static SuiteForm Of(Tenant tenant, EvaluationSuite suite, int caseCount, int after, IReadOnlyList<SuiteCasePreview> cases) => new()
    {
        Tenant = tenant,
        Suite = suite,
        FromRevision = suite.Revision,
        BasedOn = suite.Revision,
        After = after,
        CaseCount = caseCount,
        Name = suite.Name,
        Description = suite.Description,
        Threshold = suite.PassThreshold.ToString("R", CultureInfo.InvariantCulture),
        Tags = string.Join('\n', TagsOf(suite)),
        IsDefault = suite.IsDefault,
        Cases = [.. cases.Select((each, index) => CaseForm.Of(index, each))],
    };

    /// <summary>What was posted.</summary>
    /// <param name="form">The fields.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="suite">The suite as it is now; null for a new one.</param>
    /// <param name="caseCount">Cases of the revision the form was made from.</param>
    /// <param name="page">The stored cases of the page, of that revision.</param>
    /// <param name="scorers">Give the fields that were shown.</param>
    public static SuiteForm Read(IFormCollection form, Tenant tenant, EvaluationSuite? suite, int caseCount, IReadOnlyList<SuiteCasePreview> page, ScorerRegistry scorers)
    {
        var byOrdinal = page.ToDictionary(each => each.Ordinal);
        var cases = form.Keys
            .Select(key => RowPattern().Match(key)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups["Index"].Value, CultureInfo.InvariantCulture))
            .Distinct().Order()
            .Select(index => CaseForm.Read(form, index, byOrdinal.GetValueOrDefault(FormText.Number(form[CaseForm.Field(index, "ordinal")])), scorers))
            .ToList();
        var isMoreWanted = form.ContainsKey("more");
        var isFull = isMoreWanted ? cases.Count >= MostRows : cases.Count > MostRows;
        if (isMoreWanted && !isFull)
            cases.Add(CaseForm.New(cases.Count == 0 ? 0 : cases.Max(each => each.Index) + 1));

        var read = new SuiteForm
        {
            Tenant = tenant,
            Suite = suite,
            FromRevision = FromRevisionOf(form),
            BasedOn = form.ContainsKey("overRevision") ? FormText.Number(form["overRevision"]) : FromRevisionOf(form),
            After = AfterOf(form),
            CaseCount = caseCount,
            Name = FormText.Line(form["name"]).Trim(),
            Description = FormText.Lines(form["description"]).Trim(),
            Threshold = form["threshold"].ToString().Trim(),
            Tags = FormText.Lines(form["tags"]),
            IsDefault = form.ContainsKey("isDefault"),
            Cases = cases,
            Focus = isMoreWanted && !isFull ? cases[^1].Index : null,
        };
        if (isFull)
            read.Errors.General = $"A form has at most {MostRows} cases. Nothing was stored. Save {MostRows} of them first, then edit the suite to add the others.";
        return read;
    }

    /// <returns>The revision a posted form was made from.</returns>
    public static int FromRevisionOf(IFormCollection form) => FormText.Number(form["fromRevision"]);

    /// <returns>The ordinal before the first case of a posted form's page.</returns>
    public static int AfterOf(IFormCollection form) => FormText.Number(form["after"]);

    /// <returns>A suite's tags.</returns>
    public static IReadOnlyList<string> TagsOf(EvaluationSuite suite) => JsonSerializer.Deserialize<string[]>(suite.Tags) ?? [];

    /// <summary>Creates the change, and adds its errors.</summary>
    /// <returns>The change; null when something is wrong.</returns>
    public SuiteEdit? ToEdit(ScorerRegistry scorers)
    {
        var draft = ToDraft();
        var removed = Cases.Where(each => each is { IsRemoved: true, Original: not null }).Select(each => each.Original!.Ordinal).ToList();
        var replaced = new List<TestCase>();
        var added = new List<TestCase>();
        var keys = new Dictionary<string, CaseForm>(StringComparer.Ordinal);
        foreach (var (ordinal, each) in KeptCases())
        {
            EnsureUnique(keys, each.IsUntouched ? each.Original!.CaseKey : each.KeyAt(ordinal), each);
            if (each.IsUntouched || each.ToCase(ordinal, scorers, Errors) is not { } made || made == each.Stored)
                continue;
            (each.Original is null ? added : replaced).Add(made);
        }

        if (CaseCount - removed.Count + Cases.Count(each => each is { Original: null, IsBlank: false }) <= 0)
            Errors.Add(CaseForm.Field(Cases.FirstOrDefault(each => each.Original is null) is { } blank ? blank.Index : Cases.Count == 0 ? 0 : Cases[^1].Index, "input"), "A suite needs at least one case.");
        return Errors.Any ? null : new SuiteEdit { Draft = draft, FromRevision = FromRevision, Removed = removed, Replaced = replaced, Added = added };
    }

    /// <returns>The cases that are to be stored or kept, each with its ordinal in the revision the form was made from, or the one it will have.</returns>
    public IEnumerable<(int Ordinal, CaseForm Case)> KeptCases()
    {
        var next = CaseCount;
        foreach (var each in Cases.Where(each => !each.IsRemoved && !each.IsBlank))
            yield return (each.Original?.Ordinal ?? ++next, each);
    }

    /// <returns>Whether a change changes nothing of the suite it was made from, as it still is.</returns>
    public bool IsUnchanged(SuiteEdit edit) =>
        Suite is { } suite && suite.Revision == BasedOn && FromRevision == BasedOn && edit is { Removed.Count: 0, Replaced.Count: 0, Added.Count: 0 }
        && suite.Name == edit.Draft.Name && FormText.Lines(suite.Description).Trim() == edit.Draft.Description && suite.PassThreshold.Equals(edit.Draft.PassThreshold)
        && suite.IsDefault == edit.Draft.IsDefault && TagsOf(suite).SequenceEqual(edit.Draft.Tags, StringComparer.Ordinal);

    private void EnsureUnique(Dictionary<string, CaseForm> keys, string key, CaseForm each)
    {
        if (!keys.TryAdd(key, each))
            Errors.Add(each.Field("key"), $"Two cases have the key '{key}'.");
    }

    private SuiteDraft ToDraft()
    {
        if (SuiteDraft.NameError(Name) is { } nameError)
            Errors.Add("name", nameError);
        if (!double.TryParse(Threshold, NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) || threshold is not (>= 0 and <= 1))
            Errors.Add("threshold", "The pass threshold is a number from 0 to 1; 0.8 means that 80 % of the cases must pass." + NumberHint.For(Threshold, isShare: true));
        var draft = new SuiteDraft
        {
            Name = Name,
            BasedOn = BasedOn,
            Description = Description,
            PassThreshold = threshold,
            IsDefault = IsDefault,
            Tags = [.. Tags.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)],
        };
        if (draft.TagsError(Suite is { } stored ? TagsOf(stored) : []) is { } tagsError)
            Errors.Add("tags", tagsError);
        return draft;
    }

    [GeneratedRegex(@"^case\.(?<Index>[0-9]{1,4})\.", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RowPattern();
}
