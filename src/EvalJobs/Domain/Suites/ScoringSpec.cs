using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// How the reply to a test case is judged: a JSON object whose <c>type</c> names the scorer, with an optional <c>threshold</c>
/// (0..1, the score from which the case passes) and the scorer's own settings.
/// </summary>
public sealed class ScoringSpec
{
    /// <summary>The scorer of a case that names none: JSON equality.</summary>
    public const string DefaultType = "exact_match";

    private ScoringSpec(string json, string type, double? threshold, JsonElement settings)
    {
        Json = json;
        Type = type;
        Threshold = threshold;
        Settings = settings;
    }

    /// <summary>The default: <c>exact_match</c>.</summary>
    public static ScoringSpec Default { get; } = Parse($$"""{"type":"{{DefaultType}}"}""");

    /// <summary>The canonical JSON text.</summary>
    public string Json { get; }

    /// <summary>The scorer's name, such as <c>numeric</c>.</summary>
    public string Type { get; }

    /// <summary>Score from which the case passes, 0..1; null means the scorer's own default.</summary>
    public double? Threshold { get; }

    /// <summary>The whole object; a scorer reads its own settings here.</summary>
    public JsonElement Settings { get; }

    /// <summary>Reads a scoring object. A bare name such as <c>contains</c> is accepted for <c>{"type":"contains"}</c>.</summary>
    /// <exception cref="InvalidInputException">Not a JSON object, no <c>type</c>, or a threshold outside 0..1.</exception>
    public static ScoringSpec Parse(string json)
    {
        if (!json.AsSpan().TrimStart().StartsWith("{"))
            json = $$"""{"type":{{JsonSerializer.Serialize(json.Trim())}}}""";

        var canonical = CanonicalJson.Of(json);
        using var document = JsonDocument.Parse(canonical);
        var settings = document.RootElement.Clone();

        if (!settings.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString()!.Length == 0)
            throw new InvalidInputException("A scoring object needs a 'type', such as { \"type\": \"exact_match\" }.");

        double? threshold = null;
        if (settings.TryGetProperty("threshold", out var given))
        {
            if (given.ValueKind != JsonValueKind.Number || given.GetDouble() is not (>= 0 and <= 1))
                throw new InvalidInputException($"scoring.threshold ({given.GetRawText()}) must be a number from 0 to 1.");
            threshold = given.GetDouble();
        }

        return new ScoringSpec(canonical, type.GetString()!, threshold, settings);
    }
}
