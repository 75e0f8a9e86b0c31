using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Import;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>One case in a form, as typed.</summary>
internal sealed record CaseForm
{
    /// <summary>Characters of a text that is edited in place; longer ones are shown and kept.</summary>
    public const int LongestText = 20_000;

    /// <summary>Position in the form, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The case as stored in the revision the form was made from; null for a new one.</summary>
    public SuiteCasePreview? Original { get; init; }

    /// <summary>Its stable name; blank for a generated one.</summary>
    public string Key { get; init; } = "";

    /// <summary>Its title.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the agent is asked.</summary>
    public string Input { get; init; } = "";

    /// <summary>The right answer; blank means none.</summary>
    public string Expected { get; init; } = "";

    /// <summary>How replies to it are judged.</summary>
    public ScoringForm Scoring { get; init; } = new();

    /// <summary>Share in the overall score.</summary>
    public string Weight { get; init; } = "1";

    /// <summary>Its tags, with commas between them.</summary>
    public string Tags { get; init; } = "";

    /// <summary>Whether it must pass, whatever the pass rate.</summary>
    public bool MustPass { get; init; }

    /// <summary>Whether it is to be left out of the next revision.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The stored case's whole texts, once they are needed: the other texts may be cut.</summary>
    public CaseText? Whole { get; init; }

    /// <summary>Whether it is an unchanged stored case.</summary>
    public bool IsUntouched => Original is { } original && Scoring.Stated is { } scoring && this with { Whole = null, Scoring = scoring } == Of(Index, original);

    /// <summary>Whether the input cannot be edited here and stays as it is.</summary>
    public bool KeepsInput => Original is { } original && Keeps(original.Input, original.InputLength);

    /// <summary>Whether the expected output cannot be edited here and stays as it is.</summary>
    public bool KeepsExpected => Original is { ExpectedOutput: { } expected } original && Keeps(expected, original.ExpectedLength ?? 0);

    /// <summary>Whether nothing was typed into a new case; it is then ignored.</summary>
    public bool IsBlank => Original is null && string.IsNullOrWhiteSpace(Key + Name + Input + Expected + Scoring.Settings + Scoring.Threshold) && Scoring.Unreadable.Count == 0;

    /// <summary>A new case.</summary>
    public static CaseForm New(int index) => new() { Index = index, Scoring = new ScoringForm { Prefix = Field(index, "") } };

    /// <summary>A stored case, ready to be edited.</summary>
    public static CaseForm Of(int index, SuiteCasePreview original)
    {
        return new CaseForm
        {
            Index = index,
            Original = original,
            Key = FormText.Line(original.CaseKey).Trim(),
            Name = FormText.Line(original.Name).Trim(),
            Input = FormText.Lines(original.Input),
            Expected = FormText.Lines(original.ExpectedOutput),
            Scoring = ScoringForm.Of(original.Scoring, Field(index, "")),
            Weight = original.Weight.ToString("R", CultureInfo.InvariantCulture),
            Tags = string.Join(", ", CaseTags.FromJson(original.Tags)),
            MustPass = original.MustPass,
        };
    }

    /// <summary>What was posted about a case.</summary>
    public static CaseForm Read(IFormCollection form, int index, SuiteCasePreview? original, ScorerRegistry scorers)
    {
        var shown = original is null ? null : Of(index, original);
        string Value(string part, string fallback = "") => form.TryGetValue(Field(index, part), out var value) ? FormText.Lines(value) : fallback;
        return new CaseForm
        {
            Index = index,
            Original = original,
            Key = Value("key").Trim(),
            Name = Value("name").Trim(),
            Input = shown is { KeepsInput: true } ? shown.Input : Value("input"),
            Expected = shown is { KeepsExpected: true } ? shown.Expected : Value("expected"),
            Scoring = ScoringForm.Read(form, Field(index, ""), scorers),
            Weight = Value("weight", "1").Trim(),
            Tags = Value("tags").Trim(),
            MustPass = form.ContainsKey(Field(index, "mustpass")),
            IsRemoved = form.ContainsKey(Field(index, "remove")),
        };
    }

    /// <returns>The name of one of a case's fields.</returns>
    public static string Field(int index, string part) => $"case.{index.ToString(CultureInfo.InvariantCulture)}.{part}";

    /// <returns>The key of a case that is given none, as an imported one would have.</returns>
    public static string NumberedKey(int ordinal) => $"case-{ordinal.ToString("00000", CultureInfo.InvariantCulture)}";

    /// <inheritdoc cref="Field(int, string)"/>
    public string Field(string part) => Field(Index, part);

    /// <returns>Its key, or the one it is given at this ordinal.</returns>
    public string KeyAt(int ordinal) => Key.Length > 0 ? Key : NumberedKey(ordinal);

    /// <summary>The case as it is stored; null for a new one. Needs <see cref="Whole"/>.</summary>
    public TestCase? Stored => Original is not { } original || Whole is not { } whole ? null : new TestCase
    {
        Ordinal = original.Ordinal,
        CaseKey = original.CaseKey,
        Name = original.Name,
        Input = whole.Input,
        ExpectedOutput = whole.ExpectedOutput,
        Scoring = original.Scoring,
        Weight = original.Weight,
        Tags = original.Tags,
        MustPass = original.MustPass,
    };

    /// <summary>Creates the case, and adds its errors. A stored case needs <see cref="Whole"/>.</summary>
    /// <param name="ordinal">Its ordinal in the revision the form was made from, or the one it will have.</param>
    /// <param name="scorers">Check the scoring.</param>
    /// <param name="errors">Receives the errors.</param>
    /// <returns>The case; null when something is wrong.</returns>
    public TestCase? ToCase(int ordinal, ScorerRegistry scorers, FormErrors errors)
    {
        var before = errors.All.Count;
        var key = KeyAt(ordinal);
        if (key.Length > ImportLimits.MaxKeyLength)
            errors.Add(Field("key"), $"A case key has at most {ImportLimits.MaxKeyLength} characters; this one has {key.Length}.");
        if (Name.Length > ImportLimits.MaxNameLength)
            errors.Add(Field("name"), $"A title has at most {ImportLimits.MaxNameLength} characters; this one has {Name.Length}.");
        if (string.IsNullOrWhiteSpace(Input))
            errors.Add(Field("input"), "Every case needs an input.");

        // Unchanged texts stay exactly the same, including line ends.
        var shown = Original is null ? null : Of(Index, Original);
        var expected = shown is not null && Expected == shown.Expected ? Whole!.ExpectedOutput : Expected.Length > 0 ? Expected : null;
        var scoring = Scoring.ToScoring(expected, scorers, errors);
        if (!double.TryParse(Weight, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || weight is not (> 0 and <= ImportLimits.MaxWeight))
            errors.Add(Field("weight"), string.Create(CultureInfo.InvariantCulture, $"A weight is a number above 0 and at most {ImportLimits.MaxWeight}, such as 1 or 0.5.{NumberHint.For(Weight, isShare: false)}"));
        var tags = ToTags(errors);
        if (errors.All.Count > before)
            return null;

        return new TestCase
        {
            Ordinal = ordinal,
            CaseKey = shown is not null && Key == shown.Key ? Original!.CaseKey : key,
            Name = shown is not null && Name == shown.Name ? Original!.Name : Name,
            Input = shown is not null && Input == shown.Input ? Whole!.Input : Input,
            ExpectedOutput = expected,
            Scoring = scoring!.Json,
            Weight = weight,
            Tags = tags!,
            MustPass = MustPass,
        };
    }

    private string? ToTags(FormErrors errors)
    {
        try
        {
            return CaseTags.ToJson(Tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }
        catch (InvalidInputException error)
        {
            errors.Add(Field("tags"), $"Tags: {error.Message}");
            return null;
        }
    }

    private static bool Keeps(string preview, long length) => length > LongestText || !FormText.CanRoundTrip(preview);
}

/// <summary>What the fields of a case show.</summary>
/// <param name="Case">The case.</param>
/// <param name="Scorers">The scorers to choose from, which describe their settings.</param>
internal sealed record CaseFieldsModel(CaseForm Case, ScorerRegistry Scorers);
