using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>exact_match</c>, the default: 1 when the reply equals the expected output, else 0. No settings.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Both are JSON: equal as JSON. Key order and white space do not count; numbers are compared by value and exactly
/// (<c>1</c> equals <c>1.0</c> equals <c>10e-1</c>, at any number of digits); <c>42</c> and <c>"42"</c> differ.</item>
/// <item>Otherwise: equal as text, case included, white space around it dropped. A side that is a JSON string stands for the text
/// it holds, so <c>"Paris"</c> in quotes equals a plain <c>Paris</c>.</item>
/// </list>
/// </remarks>
public sealed class ExactMatchScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "exact_match";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        _ = new ScoringSettings(spec);
        if (expected is null)
            throw new InvalidInputException("'exact_match' needs an expected output to compare the reply with.");
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        Validate(request.Spec, request.Expected);
        return new(Score.Of(AreEqual(request.Expected!, request.Actual)));
    }

    private static bool AreEqual(string expected, string actual)
    {
        var expectedIsJson = JsonText.TryRead(expected, out var expectedJson, out _);
        var actualIsJson = JsonText.TryRead(actual, out var actualJson, out _);
        return expectedIsJson && actualIsJson
            ? JsonText.AreEqual(expectedJson, actualJson)
            : TextOf(expected, expectedJson) == TextOf(actual, actualJson);
    }

    private static string TextOf(string text, JsonElement json) =>
        (json.ValueKind == JsonValueKind.String ? json.GetString()! : text).Trim();
}
