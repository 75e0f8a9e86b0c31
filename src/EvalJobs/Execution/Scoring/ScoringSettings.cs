using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// Reads a scorer's own settings from the scoring object. Every error is an <see cref="InvalidInputException"/> that names the
/// setting, shows its value and says what is expected.
/// </summary>
internal sealed class ScoringSettings
{
    private static readonly string[] Common = ["type", "threshold"];

    private readonly JsonElement _settings;

    /// <param name="spec">The scoring object.</param>
    /// <param name="description">The settings this scorer knows besides <c>type</c> and <c>threshold</c>.</param>
    /// <exception cref="InvalidInputException">There is a setting the scorer does not know, such as a misspelt one.</exception>
    public ScoringSettings(ScoringSpec spec, ScorerDescription description)
    {
        _settings = spec.Settings;
        string[] known = [.. Common, .. description.Names];
        foreach (var setting in _settings.EnumerateObject())
        {
            if (!known.Contains(setting.Name, StringComparer.Ordinal))
                throw new InvalidInputException(
                    $"scoring.{setting.Name} is not a setting of '{spec.Type}'; expected one of {string.Join(", ", known)}.");
        }
    }

    /// <returns>The setting's value unchanged, or null when it is absent.</returns>
    public JsonElement? Json(string name) => _settings.TryGetProperty(name, out var value) ? value : null;

    /// <returns>A string of at least one character, or null when it is absent.</returns>
    public string? Text(string name) =>
        Json(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text
        : throw Wrong(name, value, "must be a string that is not empty");

    /// <returns>A number from 0 up, exact at any number of digits, or null when it is absent.</returns>
    public ExactNumber? ExactNumberFromZero(string name) =>
        Json(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.GetRawText() is var text && text[0] != '-' && ExactNumber.FromJson(text) is { } number ? number
        : throw Wrong(name, value, "must be a number ≥ 0");

    /// <returns>A number of seconds as a time, or null when it is absent.</returns>
    public TimeSpan? Seconds(string name, TimeSpan least, TimeSpan most) =>
        Json(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is var seconds
            && seconds >= least.TotalSeconds && seconds <= most.TotalSeconds ? TimeSpan.FromSeconds(seconds)
        : throw Wrong(name, value,
            FormattableString.Invariant($"must be a number of seconds from {least.TotalSeconds} to {most.TotalSeconds}"));

    /// <returns>One or more strings, none empty; a bare string counts as a list of one; null when it is absent.</returns>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Json(name) is not { } value)
            return null;

        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return items.Length > 0 && items.All(item => item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 })
            ? [.. items.Select(item => item.GetString()!)]
            : throw Wrong(name, value, "must be a string or a list of strings, none of them empty");
    }

    /// <returns>The error to throw for a setting whose value is not acceptable.</returns>
    public static InvalidInputException Wrong(string name, JsonElement value, string must) =>
        new($"scoring.{name} ({Excerpt.Of(value.GetRawText())}) {must}.");
}
