using EvalJobs.Domain;
using F23.StringSimilarity;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>similarity</c>: 1 − Levenshtein distance / length of the longer text, 0..1, in UTF-16 code units, case included, white space
/// around both texts dropped; two empty texts give 1. Passes from 0.8 by default.
/// <c>list</c>: as for <see cref="ExactMatchScorer"/>; of several right answers the most similar counts. <c>normalize</c>: see <see cref="TextNormalization"/>.
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

    private static readonly ScorerDescription Described = new(
        "How alike reply and expected output are, by edit distance.", AnswerList.Described, TextNormalization.Described());

    /// <inheritdoc/>
    public string Name => "similarity";

    /// <inheritdoc/>
    public double DefaultThreshold => 0.8;

    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) =>
        (long)request.Actual.Length * (request.Expected?.Length ?? 0) > MaxWorkInServer;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => false;

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        _ = AnswersOf(spec, expected, isImport: true);
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var (answers, normalization) = AnswersOf(request.Spec, request.Expected, isImport: false);
        var actual = normalization.Apply(request.Actual).Trim();
        var (best, nearest) = (-1.0, "");
        foreach (var answer in answers.Select(answer => normalization.Apply(answer).Trim()))
        {
            if (Similarity(answer, actual, cancellationToken) is var similarity && similarity > best)
                (best, nearest) = (similarity, answer);
        }

        var remark = VisibleText.FirstDifference(nearest, actual);
        return new(new Score(best, answers.Count > 1 && remark is not null ? $"Compared with the nearest of {answers.Count} answers. {remark}" : remark));
    }

    private static double Similarity(string expected, string actual, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((long)expected.Length * actual.Length > MaxLengthProduct)
            throw new ScoringException(
                $"Too long for 'similarity': {expected.Length} expected × {actual.Length} actual characters exceed {MaxLengthProduct}.");

        return Levenshtein.Similarity(expected, actual);
    }

    private static (IReadOnlyList<string> Answers, TextNormalization Normalization) AnswersOf(ScoringSpec spec, string? expected, bool isImport)
    {
        var settings = new ScoringSettings(spec, Described);
        if (expected is null)
            throw new InvalidInputException("'similarity' needs an expected output to compare the reply with.");
        return (AnswerList.Read(settings, "similarity", expected, isImport) ?? [expected], TextNormalization.Read(settings));
    }
}
