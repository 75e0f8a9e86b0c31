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
    /// <inheritdoc/>
    public string Name => "exact_match";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        var settings = Settings.Read(spec, expected);
        if (settings.Any is null && JsonText.TryRead(expected!, out var json, out _) && IsListOfPlainValues(json))
        {
            throw new InvalidInputException(
                $"The expected output ({Excerpt.Of(expected!, 80)}) is a list, and 'exact_match' must know what it means: set scoring.list to \"any\" "
                + "when each item is a right answer, or to \"whole\" when the reply must be this JSON array.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected);
        var actual = Side.Of(request.Actual, settings.Normalization);
        return new(Score.Of(settings.Any is true
            ? AnswersIn(request.Expected!).Any(answer => Side.Of(answer, settings.Normalization).Equals(actual))
            : Side.Of(request.Expected!, settings.Normalization).Equals(actual)));
    }

    private static bool IsListOfPlainValues(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0
        && json.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object));

    // "42" in a list of answers is the text 42, as an expected output of 42 would be.
    private static IEnumerable<string> AnswersIn(string expected) =>
        JsonElement.Parse(expected).EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText());

    /// <summary>An expected output or a reply: its JSON where it is JSON, and its text.</summary>
    private readonly record struct Side(JsonElement? Json, string Text)
    {
        public static Side Of(string text, TextNormalization normalization)
        {
            if (!JsonText.TryRead(text, out var json, out _))
                return new(null, normalization.Apply(text).Trim());
            json = normalization.Apply(json);
            return new(json, (json.ValueKind == JsonValueKind.String ? json.GetString()! : normalization.Apply(text)).Trim());
        }

        public bool Equals(Side other) =>
            Json is { } left && other.Json is { } right ? JsonText.AreEqual(left, right) : Text == other.Text;

        public override int GetHashCode() => 0;
    }

    private sealed record Settings(bool? Any, TextNormalization Normalization)
    {
        public static Settings Read(ScoringSpec spec, string? expected)
        {
            var settings = new ScoringSettings(spec, "list", "normalize");
            if (expected is null)
                throw new InvalidInputException("'exact_match' needs an expected output to compare the reply with.");

            bool? any = settings.Text("list") switch
            {
                null => null,
                "any" => true,
                "whole" => false,
                var other => throw new InvalidInputException($"scoring.list ({Excerpt.Of(other)}) must be any or whole."),
            };
            if (any is true && !(JsonText.TryRead(expected, out var json, out _) && IsListOfPlainValues(json)))
                throw new InvalidInputException(
                    $"scoring.list is any, so the expected output must be a JSON array of texts or numbers, not {Excerpt.Of(expected, 80)}.");
            return new(any, TextNormalization.Read(settings));
        }
    }
}
