using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>contains</c>: the share of phrases found in the reply, 0..1, ignoring case (ordinal, no culture). Passes by default only
/// when every phrase is there.
/// </summary>
/// <remarks>
/// The phrases are <c>scoring.phrases</c> (a string or a list of strings), else the expected output: a JSON array of strings
/// and numbers is a list, a number standing for the text it is written with; any other text is one phrase, white space around it dropped.
/// <c>normalize</c>: see <see cref="TextNormalization"/>.
/// </remarks>
internal sealed class ContainsScorer : IIsolatedScorer
{
    /// <summary>Phrases a case may have.</summary>
    public const int MaxPhrases = 10_000;

    private const long MaxWorkInServer = 10_000_000;

    // A remark shows the beginning only.
    private const int MaxNamed = 50;

    private static readonly ScorerDescription Described = new(
        "The share of phrases that are found in the reply, whatever their case.",
        new ScorerSetting("phrases", ScorerSettingKind.Texts, "The phrases to look for, one a line.") { Default = "the expected output" },
        TextNormalization.Described());

    /// <inheritdoc/>
    public string Name => "contains";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    // A search may compare every character of the phrases at every position of the reply.
    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) =>
        (long)(request.Spec.Json.Length + (request.Expected?.Length ?? 0)) * request.Actual.Length > MaxWorkInServer;

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => false;

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        _ = TextNormalization.Read(SettingsOf(spec));
        _ = PhrasesOf(spec, expected);
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var (phrases, missing) = Find(request.Spec, request.Expected, request.Actual, cancellationToken);

        var share = (phrases.Count - missing.Count) / (double)phrases.Count;
        return new(missing.Count == 0 ? Score.Right : new Score(share, Excerpt.Of($"Not found: {string.Join(" | ", missing.Take(MaxNamed))}")));
    }

    /// <returns>The phrases looked for, and those of them that the reply lacks.</returns>
    public static (IReadOnlyList<string> Phrases, IReadOnlyList<string> Missing) Find(ScoringSpec spec, string? expected, string text, CancellationToken cancellationToken)
    {
        var phrases = PhrasesOf(spec, expected);
        var normalization = TextNormalization.Read(SettingsOf(spec));
        var actual = normalization.Apply(text);
        var missing = new List<string>();
        foreach (var phrase in phrases)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!actual.Contains(normalization.Apply(phrase), StringComparison.OrdinalIgnoreCase))
                missing.Add(phrase);
        }

        return (phrases, missing);
    }

    private static ScoringSettings SettingsOf(ScoringSpec spec) => new(spec, Described);

    private static IReadOnlyList<string> PhrasesOf(ScoringSpec spec, string? expected)
    {
        var phrases = SettingsOf(spec).Texts("phrases") ?? (expected is null ? [] : PhrasesOf(expected));

        if (phrases.Count > MaxPhrases)
            throw new InvalidInputException($"'contains' has {phrases.Count} phrases; at most {MaxPhrases} are allowed.");

        // Every text contains the empty phrase, so it would always pass.
        return phrases.Count > 0 && phrases.All(phrase => !string.IsNullOrWhiteSpace(phrase))
            ? phrases
            : throw new InvalidInputException(
                "'contains' needs scoring.phrases or an expected output: a phrase or a JSON array of phrases, none of them blank.");
    }

    private static IReadOnlyList<string> PhrasesOf(string expected)
    {
        if (!JsonText.TryRead(expected, out var json) || json.ValueKind != JsonValueKind.Array)
            return [expected.Trim()];

        return [.. json.EnumerateArray().Select(item => item.ValueKind switch
        {
            JsonValueKind.String => item.GetString()!,
            JsonValueKind.Number => item.GetRawText(),
            _ => throw new InvalidInputException(
                $"'contains' takes a list of strings and numbers as expected output, not {Excerpt.Of(item.GetRawText(), 50)}; "
                + "to look for that very text, put it into scoring.phrases."),
        })];
    }
}
