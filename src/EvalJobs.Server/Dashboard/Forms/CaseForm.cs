using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
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

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Position in the form, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The case as stored in the revision the form was made from; null for a new one.</summary>
    public SuiteCasePreview? Original { get; init; }

    /// <summary>Its stable name; blank gives it one.</summary>
    public string Key { get; init; } = "";

    /// <summary>Its title.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the agent is asked.</summary>
    public string Input { get; init; } = "";

    /// <summary>The right answer; blank means none.</summary>
    public string Expected { get; init; } = "";

    /// <summary>The scorer's name.</summary>
    public string Scorer { get; init; } = ScoringSpec.DefaultType;

    /// <summary>Score from which it passes; blank means the scorer's own.</summary>
    public string Threshold { get; init; } = "";

    /// <summary>The scorer's settings, a JSON object; blank means none.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Share in the overall score.</summary>
    public string Weight { get; init; } = "1";

    /// <summary>Its tags, with commas between them.</summary>
    public string Tags { get; init; } = "";

    /// <summary>Whether it has to pass whatever the rate.</summary>
    public bool MustPass { get; init; }

    /// <summary>Whether it is to be left out of the next revision.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The stored case's whole texts, once they are needed: those above may be cut.</summary>
    public CaseText? Whole { get; init; }

    /// <summary>Whether it is a stored case that nothing was done to.</summary>
    public bool IsUntouched => Original is { } original && this with { Whole = null } == Of(Index, original);

    /// <summary>Whether the input cannot be edited here and stays as it is.</summary>
    public bool KeepsInput => Original is { } original && Keeps(original.Input, original.InputLength);

    /// <summary>Whether the expected output cannot be edited here and stays as it is.</summary>
    public bool KeepsExpected => Original is { ExpectedOutput: { } expected } original && Keeps(expected, original.ExpectedLength ?? 0);

    /// <summary>Whether nothing was typed into a new case: it is none.</summary>
    public bool IsBlank => Original is null && string.IsNullOrWhiteSpace(Key + Name + Input + Expected + Settings + Threshold);

    /// <summary>A stored case, ready to be edited.</summary>
    public static CaseForm Of(int index, SuiteCasePreview original)
    {
        var scoring = JsonNode.Parse(original.Scoring)!.AsObject();
        var threshold = scoring["threshold"]?.ToJsonString() ?? "";
        var scorer = scoring["type"]!.GetValue<string>();
        scoring.Remove("type");
        scoring.Remove("threshold");
        return new CaseForm
        {
            Index = index,
            Original = original,
            Key = FormText.Line(original.CaseKey).Trim(),
            Name = FormText.Line(original.Name).Trim(),
            Input = FormText.Lines(original.Input),
            Expected = FormText.Lines(original.ExpectedOutput),
            Scorer = scorer,
            Threshold = threshold,
            Settings = scoring.Count == 0 ? "" : scoring.ToJsonString(Json),
            Weight = original.Weight.ToString("R", CultureInfo.InvariantCulture),
            Tags = string.Join(", ", CaseTags.FromJson(original.Tags)),
            MustPass = original.MustPass,
        };
    }

    /// <summary>What was posted about a case.</summary>
    public static CaseForm Read(IFormCollection form, int index, SuiteCasePreview? original)
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
            Scorer = Value("scorer", ScoringSpec.DefaultType),
            Threshold = Value("threshold").Trim(),
            Settings = Value("settings"),
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

    /// <summary>Makes the case of it, noting what is wrong. A stored case needs <see cref="Whole"/>.</summary>
    /// <param name="ordinal">Its ordinal in the revision the form was made from, or the one it will have.</param>
    /// <param name="scorers">Know which scoring is right.</param>
    /// <param name="errors">Where to note.</param>
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

        // What nobody touched stays to the letter, line ends and all.
        var shown = Original is null ? null : Of(Index, Original);
        var expected = shown is not null && Expected == shown.Expected ? Whole!.ExpectedOutput : Expected.Length > 0 ? Expected : null;
        var scoring = ToScoring(expected, scorers, errors);
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

    private ScoringSpec? ToScoring(string? expected, ScorerRegistry scorers, FormErrors errors)
    {
        var before = errors.All.Count;
        if (!scorers.Names.Contains(Scorer, StringComparer.Ordinal))
            errors.Add(Field("scorer"), $"There is no scorer of that name; choose one of {string.Join(", ", scorers.Names)}.");

        var threshold = 0.0;
        if (Threshold.Length > 0
            && (!double.TryParse(Threshold, NumberStyles.Float, CultureInfo.InvariantCulture, out threshold) || threshold is not (>= 0 and <= 1)))
        {
            errors.Add(Field("threshold"), $"A score to pass from is a number from 0 to 1; leave it blank for the scorer's own.{NumberHint.For(Threshold, isShare: true)}");
            threshold = 0;
        }

        // The settings are checked whatever is wrong with the threshold: all errors are said in one round.
        if (ReadSettings(errors) is not { } scoring || !scorers.Names.Contains(Scorer, StringComparer.Ordinal))
            return null;
        scoring["type"] = Scorer;
        if (Threshold.Length > 0)
            scoring["threshold"] = threshold;

        try
        {
            var spec = ScoringSpec.Parse(scoring.ToJsonString(Json));
            scorers.Validate(spec, expected);
            return errors.All.Count > before ? null : spec;
        }
        catch (InvalidInputException error)
        {
            errors.Add(Field("settings"), error.Message);
            return null;
        }
    }

    private JsonObject? ReadSettings(FormErrors errors)
    {
        if (string.IsNullOrWhiteSpace(Settings))
            return [];
        try
        {
            // Canonical first: it refuses what may not be there twice or has no meaning.
            if (JsonNode.Parse(CanonicalJson.Of(Settings)) is JsonObject settings)
            {
                if (!settings.ContainsKey("type") && !settings.ContainsKey("threshold"))
                    return settings;
                errors.Add(Field("settings"), "The scorer and the score to pass from have fields of their own; leave 'type' and 'threshold' out here.");
                return null;
            }

            errors.Add(Field("settings"), "The settings are a JSON object, such as { \"tolerance\": 0.01 }.");
        }
        catch (Exception error) when (error is JsonException or InvalidInputException)
        {
            // The position at the message's end counts in a way that people do not.
            errors.Add(Field("settings"), $"The settings are no JSON object. {error.Message.Split(" LineNumber:")[0]}");
        }

        return null;
    }

    private static bool Keeps(string preview, long length) => length > LongestText || !FormText.Survives(preview);
}
