using EvalJobs.Domain;
using F23.StringSimilarity;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>similarity</c>: 1 − Levenshtein distance / length of the longer text, 0..1, in UTF-16 code units, case included, white space
/// around both texts dropped; two empty texts give 1. Passes from 0.8 by default.
/// <c>normalize</c>: see <see cref="TextNormalization"/>.
/// </summary>
internal sealed class SimilarityScorer : IIsolatedScorer
{
    /// <summary>
    /// Largest product of the two lengths, in characters: two texts of 10,000. The distance takes time in proportion to it
    /// (some tenths of a second at the limit) and cannot be interrupted.
    /// </summary>
    public const long MaxLengthProduct = 100_000_000;

    // Some milliseconds.
    private const long MaxWorkInServer = 1_000_000;

    private static readonly NormalizedLevenshtein Levenshtein = new();

    /// <inheritdoc/>
    public string Name => "similarity";

    /// <inheritdoc/>
    public double DefaultThreshold => 0.8;

    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) =>
        (long)request.Actual.Length * (request.Expected?.Length ?? 0) > MaxWorkInServer;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => false;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        _ = NormalizationOf(spec);
        if (expected is null)
            throw new InvalidInputException("'similarity' needs an expected output to compare the reply with.");
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        Validate(request.Spec, request.Expected);
        cancellationToken.ThrowIfCancellationRequested();

        var normalization = NormalizationOf(request.Spec);
        var expected = normalization.Apply(request.Expected!).Trim();
        var actual = normalization.Apply(request.Actual).Trim();
        if ((long)expected.Length * actual.Length > MaxLengthProduct)
            throw new ScoringException(
                $"Too long for 'similarity': {expected.Length} expected × {actual.Length} actual characters exceed {MaxLengthProduct}.");

        return new(new Score(Levenshtein.Similarity(expected, actual)));
    }

    private static TextNormalization NormalizationOf(ScoringSpec spec) => TextNormalization.Read(new ScoringSettings(spec, "normalize"));
}
