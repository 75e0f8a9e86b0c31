using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>numeric</c>: 1 when the last number in the reply is the expected one, within a tolerance, else 0.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>extract</c>: a .NET regular expression that narrows the text first. Its last match counts, of that the group
/// <c>value</c>, else group 1, else the whole match. Applied to the reply and to the expected output; an expected output that is
/// nothing but a number is taken as it is.</item>
/// <item><c>format</c>: <c>decimal_point</c> (default, <c>1,234.5</c>) or <c>decimal_comma</c> (<c>1.234,5</c> or <c>1 234,5</c>).</item>
/// <item><c>tolerance</c> ≥ 0: right when |reply − expected| ≤ tolerance. Default 0.</item>
/// <item><c>relativeTolerance</c> ≥ 0: right when |reply − expected| ≤ relativeTolerance × |expected|. Not with <c>tolerance</c>.</item>
/// </list>
/// All comparisons are exact at any number of digits. An expected output that is not exactly one number is rejected. A reply whose
/// last number cannot be read without doubt is wrong, as one without a number is; the remark says why. docs/guide/scoring.md lists what is read.
/// </remarks>
internal sealed class NumericScorer : IIsolatedScorer
{
    // Numbers of so many digits are multiplied in a few milliseconds.
    private const int MaxLengthInServer = 20_000;

    private static readonly ScorerDescription Described = new(
        "The last number in the reply is the expected one.",
        new ScorerSetting("tolerance", ScorerSettingKind.Number, "How far the reply may be off. Not with relativeTolerance.") { Minimum = 0, Default = "0" },
        new ScorerSetting("relativeTolerance", ScorerSettingKind.Number, "How far the reply may be off as a share of the expected number, such as 0.01 for 1 %.") { Minimum = 0 },
        new ScorerSetting("format", ScorerSettingKind.Choice, "How numbers are written: 1,234.5 or 1.234,5.") { Choices = ["decimal_point", "decimal_comma"], Default = "decimal_point" },
        new ScorerSetting("extract", ScorerSettingKind.LongText, "A .NET regular expression that finds the part of the reply to read."));

    /// <inheritdoc/>
    public string Name => "numeric";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    // Without a pattern of the tenant's, reading numbers takes time in proportion to the text.
    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) =>
        CheckNeedsProcess(request.Spec) || request.Actual.Length + (request.Expected?.Length ?? 0) > MaxLengthInServer;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => CheckNeedsProcess(spec);

    private static bool CheckNeedsProcess(ScoringSpec spec) => spec.Settings.TryGetProperty("extract", out _);

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec, expected, CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected, cancellationToken);
        if (settings.LastNumberIn(request.Actual, cancellationToken) is not { } actual)
            return new(new Score(0, $"No number {settings.Where}in the reply."));
        if (actual.Value is not { } value)
            return new(new Score(0, $"The last number {settings.Where}in the reply, '{Excerpt.Of(actual.Text, 50)}', {actual.Problem}."));

        return new(value.IsWithin(settings.Tolerance, settings.IsRelative, settings.Expected)
            ? Score.Right
            : new Score(0, Excerpt.Of($"Read {Excerpt.Of(actual.Text, 80)}, expected {Excerpt.Of(settings.ExpectedText, 80)}.")));
    }

    /// <returns>The number expected and the one read in the reply, both as they are written there; nothing where <c>extract</c> chooses, whose patterns run in processes of their own.</returns>
    public static (string Expected, string? Read)? Find(ScoringSpec spec, string? expected, string text)
    {
        if (CheckNeedsProcess(spec) || text.Length + (expected?.Length ?? 0) > MaxLengthInServer)
            return null;
        var settings = Settings.Read(spec, expected, CancellationToken.None);
        return (settings.ExpectedText, settings.LastNumberIn(text, CancellationToken.None)?.Text);
    }

    private sealed record Settings(ScoringPattern? Extract, NumberFormat Format, ExactNumber Tolerance, bool IsRelative)
    {
        public required ExactNumber Expected { get; init; }

        public required string ExpectedText { get; init; }

        public string Where => Extract is null ? "" : "where scoring.extract looks ";

        public static Settings Read(ScoringSpec spec, string? expected, CancellationToken cancellationToken)
        {
            var settings = new ScoringSettings(spec, Described);
            var extract = settings.Text("extract") is { } pattern ? ScoringPattern.Of(pattern, "scoring.extract") : null;
            var format = FormatOf(settings);
            var absolute = settings.ExactNumberFromZero("tolerance");
            var relative = settings.ExactNumberFromZero("relativeTolerance");

            if (absolute is not null && relative is not null)
                throw new InvalidInputException("scoring.tolerance and scoring.relativeTolerance exclude each other.");
            if (expected is null)
                throw new InvalidInputException("'numeric' needs an expected output with a number.");

            var number = ExpectedNumber(extract, format, expected, cancellationToken);
            return new(extract, format, relative ?? absolute ?? ExactNumber.FromInteger(0), relative is not null)
            {
                Expected = number.Value!,
                ExpectedText = number.Text,
            };
        }

        /// <returns>The last number in the reply, or in what <c>extract</c> finds there; null when there is none.</returns>
        public NumberToken? LastNumberIn(string text, CancellationToken cancellationToken) =>
            Extract is null ? NumberScanner.Last(text, Format)
            : Extracted(Extract, text, cancellationToken) is { } found ? NumberScanner.Last(found, Format)
            : null;

        private static NumberToken ExpectedNumber(ScoringPattern? extract, NumberFormat format, string expected, CancellationToken cancellationToken)
        {
            if (NumberScanner.Only(expected, format, out var problem) is { } only && (extract is null || only.Text.Length == expected.Trim().Length))
                return only;
            if (extract is null)
            {
                throw new InvalidInputException(
                    $"'numeric' finds no single number in the expected output ({Excerpt.Of(expected)}): {problem}. "
                    + "Write one number such as 1234.5 or 1/2, set scoring.format to decimal_comma for 1.234,5, or name the part to read with scoring.extract.");
            }

            var found = Extracted(extract, expected, cancellationToken);
            return found is not null && NumberScanner.Only(found, format, out problem) is { } extracted
                ? extracted
                : throw new InvalidInputException(found is null
                    ? $"'numeric' finds no number where scoring.extract looks in the expected output ({Excerpt.Of(expected)}): the pattern does not match."
                    : $"'numeric' finds no single number where scoring.extract looks in the expected output ({Excerpt.Of(found)}): {problem}. "
                        + "Let scoring.extract find exactly one number.");
        }

        private static string? Extracted(ScoringPattern extract, string text, CancellationToken cancellationToken) =>
            extract.Last(text, cancellationToken) is not { } match ? null
            : match.Groups["value"] is { Success: true } named ? named.Value
            : match.Groups[match.Groups.Count > 1 ? 1 : 0].Value;

        private static NumberFormat FormatOf(ScoringSettings settings) => settings.Text("format") switch
        {
            null or "decimal_point" => NumberFormat.DecimalPoint,
            "decimal_comma" => NumberFormat.DecimalComma,
            var other => throw new InvalidInputException($"scoring.format ({Excerpt.Of(other)}) must be decimal_point (1,234.5) or decimal_comma (1.234,5)."),
        };
    }
}
