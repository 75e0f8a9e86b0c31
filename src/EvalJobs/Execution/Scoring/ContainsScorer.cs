using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>contains</c>: the share of phrases found in the reply, 0..1, ignoring case (ordinal, no culture). Passes by default only
/// when every phrase is there.
/// </summary>
/// <remarks>
/// The phrases are <c>scoring.phrases</c> (a string or a list of strings), else the expected output: a JSON array of strings is
/// a list, any other text is one phrase, white space around it dropped.
/// </remarks>
public sealed class ContainsScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "contains";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = PhrasesOf(spec, expected);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var phrases = PhrasesOf(request.Spec, request.Expected);
        string[] missing = [.. phrases.Where(phrase => !request.Actual.Contains(phrase, StringComparison.OrdinalIgnoreCase))];
        var share = (phrases.Count - missing.Length) / (double)phrases.Count;
        return new(missing.Length == 0 ? Score.Right : new Score(share, Excerpt.Of($"Not found: {string.Join(" | ", missing)}")));
    }

    private static IReadOnlyList<string> PhrasesOf(ScoringSpec spec, string? expected)
    {
        var phrases = new ScoringSettings(spec, "phrases").Texts("phrases") ?? (expected is null ? [] : PhrasesOf(expected));

        // Every text contains the empty phrase, so it would always pass.
        return phrases.Count > 0 && phrases.All(phrase => !string.IsNullOrWhiteSpace(phrase))
            ? phrases
            : throw new InvalidInputException(
                "'contains' needs scoring.phrases or an expected output: a phrase or a JSON array of phrases, none of them blank.");
    }

    private static IReadOnlyList<string> PhrasesOf(string expected) =>
        JsonText.TryRead(expected, out var json, out _) && json.ValueKind == JsonValueKind.Array
            && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. json.EnumerateArray().Select(item => item.GetString()!)]
            : [expected.Trim()];
}
