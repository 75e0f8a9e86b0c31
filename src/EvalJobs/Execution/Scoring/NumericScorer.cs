using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>numeric</c>: 1 when the last number in the reply is the expected one, within a tolerance, else 0.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>extract</c>: a .NET regular expression that narrows the text first. Its last match counts, of that the group
/// <c>value</c>, else group 1, else the whole match; then the last number in it. Applied to the reply and to the expected output;
/// an expected output that is nothing but a number is taken as it is.</item>
/// <item><c>tolerance</c> ≥ 0: right when |reply − expected| ≤ tolerance. Default 0: exact, at any number of digits.</item>
/// <item><c>relativeTolerance</c> ≥ 0: right when |reply − expected| ≤ relativeTolerance × |expected|. Not with <c>tolerance</c>.</item>
/// </list>
/// Read are thousands commas, a currency sign before, a minus (also U+2212), decimals with a point, exponents, and a percent sign
/// (<c>45%</c> is 45). A reply without a number is wrong, not unscored.
/// </remarks>
public sealed class NumericScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "numeric";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec, expected, CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected, cancellationToken);
        if (settings.NumberIn(request.Actual, cancellationToken) is not { } actual)
            return new(new Score(0, $"No number {settings.Where}in the reply."));

        return new(actual.IsWithin(settings.Tolerance, settings.IsRelative, settings.Expected)
            ? Score.Right
            : new Score(0, Excerpt.Of($"Read {actual}, expected {settings.Expected}.")));
    }

    private sealed record Settings(ScoringPattern? Extract, decimal Tolerance, bool IsRelative)
    {
        public required DecimalNumeral Expected { get; init; }

        public static Settings Read(ScoringSpec spec, string? expected, CancellationToken cancellationToken)
        {
            var settings = new ScoringSettings(spec, "extract", "tolerance", "relativeTolerance");
            var extract = settings.Text("extract") is { } pattern ? new ScoringPattern(pattern, "scoring.extract") : null;
            var absolute = settings.NumberFromZero("tolerance");
            var relative = settings.NumberFromZero("relativeTolerance");

            if (absolute is not null && relative is not null)
                throw new InvalidInputException("scoring.tolerance and scoring.relativeTolerance exclude each other.");
            if (expected is null)
                throw new InvalidInputException("'numeric' needs an expected output with a number.");

            return new(extract, relative ?? absolute ?? 0, relative is not null)
            {
                Expected = DecimalNumeral.Only(expected) ?? NumberIn(extract, expected, cancellationToken)
                    ?? throw new InvalidInputException(
                        $"'numeric' finds no number {WhereOf(extract)}in the expected output ({Excerpt.Of(expected)})."),
            };
        }

        public string Where => WhereOf(Extract);

        public DecimalNumeral? NumberIn(string text, CancellationToken cancellationToken) => NumberIn(Extract, text, cancellationToken);

        private static string WhereOf(ScoringPattern? extract) => extract is null ? "" : "where scoring.extract looks ";

        private static DecimalNumeral? NumberIn(ScoringPattern? extract, string text, CancellationToken cancellationToken)
        {
            if (extract is null)
                return DecimalNumeral.LastIn(text);
            if (extract.Last(text, cancellationToken) is not { } match)
                return null;

            var found = match.Groups["value"] is { Success: true } named ? named : match.Groups[match.Groups.Count > 1 ? 1 : 0];
            return DecimalNumeral.LastIn(found.Value);
        }
    }
}
