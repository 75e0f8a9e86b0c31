using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>exact_match</c>, the default: 1 when the reply equals the expected output, else 0.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Both are JSON: equal as JSON. Key order and white space do not count; numbers are compared by value and exactly
/// (<c>1</c> equals <c>1.0</c> equals <c>10e-1</c>, at any number of digits); <c>42</c> and <c>"42"</c> differ.</item>
/// <item>Otherwise: equal as text, case included, white space around it dropped. A side that is a JSON string stands for the text
/// it holds, so <c>"Paris"</c> in quotes equals a plain <c>Paris</c>.</item>
/// <item><c>list</c>: what an expected output that is a JSON array means: <c>any</c>, a list of right answers, or <c>whole</c>, the reply
/// must be this array. A list of plain values without this setting is rejected when it is imported.</item>
/// <item><c>normalize</c>: see <see cref="TextNormalization"/>.</item>
/// </list>
/// </remarks>
internal sealed class ExactMatchScorer : IScorer
{
    private const int MaxRemark = 400;

    private static readonly ScorerDescription Described = new(
        "The reply equals the expected output, as JSON where both are JSON, else as text.", AnswerList.Described, TextNormalization.Described());

    /// <inheritdoc/>
    public string Name => "exact_match";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec, expected, isImport: true);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected, isImport: false);
        var actual = Side.Of(request.Actual, settings.Normalization);
        var answers = settings.Answers.Select(answer => Side.Of(answer, settings.Normalization)).ToList();
        return new(answers.Any(answer => answer.Equals(actual)) ? Score.Right : new Score(0, Excerpt.Of(Difference(answers, actual, cancellationToken), MaxRemark)));
    }

    private static string Difference(List<Side> answers, Side actual, CancellationToken cancellationToken) => (answers, actual) switch
    {
        ([{ Json: { } expected }], { Json: { } json }) => $"Compared as JSON. {new JsonSubset(false, cancellationToken).FindMismatch(expected, json, "$") ?? "The reply has more than is expected."}",
        ([{ Json.ValueKind: JsonValueKind.Object or JsonValueKind.Array }], _) => "The expected output is JSON, the reply is not.",
        ([var only], _) => $"Compared as text. {VisibleText.FirstDifference(only.Text, actual.Text) ?? "One is JSON, the other is not."}",
        _ => $"Equals none of the {answers.Count} right answers.",
    };

    /// <summary>An expected output or a reply: its JSON where it is JSON, and its text.</summary>
    private readonly record struct Side(JsonElement? Json, string Text)
    {
        public static Side Of(string text, TextNormalization normalization)
        {
            if (!JsonText.TryRead(text, out var json))
                return new(null, normalization.Apply(text).Trim());
            json = normalization.Apply(json);
            return new(json, (json.ValueKind == JsonValueKind.String ? json.GetString()! : normalization.Apply(text)).Trim());
        }

        public bool Equals(Side other) =>
            Json is { } left && other.Json is { } right ? JsonText.AreEqual(left, right) : Text == other.Text;

        public override int GetHashCode() => 0;
    }

    private sealed record Settings(IReadOnlyList<string> Answers, TextNormalization Normalization)
    {
        public static Settings Read(ScoringSpec spec, string? expected, bool isImport)
        {
            var settings = new ScoringSettings(spec, Described);
            if (expected is null)
                throw new InvalidInputException("'exact_match' needs an expected output to compare the reply with.");
            return new(AnswerList.Read(settings, "exact_match", expected, isImport) ?? [expected], TextNormalization.Read(settings));
        }
    }
}
