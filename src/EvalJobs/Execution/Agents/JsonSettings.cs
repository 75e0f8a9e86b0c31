using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Reads a settings object that a person wrote. Every error names the setting; an unknown key is an error.</summary>
internal sealed class JsonSettings
{
    private readonly string _name;
    private readonly JsonElement _settings;

    /// <param name="name">How messages call the object, such as <c>target</c>.</param>
    /// <param name="settings">The object.</param>
    /// <param name="known">Every key that it may hold.</param>
    public JsonSettings(string name, JsonElement settings, params ReadOnlySpan<string> known)
    {
        if (settings.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{name} must be an object with {string.Join(", ", known)}.");

        foreach (var setting in settings.EnumerateObject())
        {
            if (!known.Contains(setting.Name))
                throw new InvalidInputException($"Unknown {name}.{setting.Name}; expected {string.Join(", ", known)}.");
        }

        _name = name;
        _settings = settings;
    }

    /// <returns>The value; null when it is absent or JSON null.</returns>
    public JsonElement? Value(string key) =>
        _settings.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string key) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value when value.GetString()!.Length > 0 => value.GetString(),
        var value => throw Wrong(key, "must be a text that is not empty", value),
    };

    public string RequiredText(string key) => Text(key) ?? throw Missing(key);

    public double? Number(string key, double min, double max) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.GetDouble() >= min && value.GetDouble() <= max => value.GetDouble(),
        var value => throw Wrong(key, max == double.MaxValue ? $"must be a number from {min} up" : $"must be a number from {min} to {max}", value),
    };

    public long? Whole(string key, long min, long max) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var whole) && whole >= min && whole <= max => whole,
        var value => throw Wrong(key, $"must be a whole number from {min} to {max}", value),
    };

    /// <returns>The number as it was written; null when it is absent.</returns>
    public JsonElement? GivenNumber(string key, double min, double max) => Number(key, min, max) is null ? null : Value(key);

    /// <returns>The whole number as it was written; null when it is absent.</returns>
    public JsonElement? GivenWhole(string key, long min, long max) => Whole(key, min, max) is null ? null : Value(key);

    public JsonElement? Object(string key) => Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw new InvalidInputException($"{_name}.{key} must be an object."),
    };

    public JsonPath? Path(string key)
    {
        if (Text(key) is not { } text)
            return null;
        try
        {
            return JsonPath.Parse(text);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{_name}.{key}: {error.Message}", error);
        }
    }

    public JsonPath RequiredPath(string key) => Path(key) ?? throw Missing(key);

    public Uri? Url(string key) => Text(key) is { } text ? AgentUrl.Parse($"{_name}.{key}", text) : null;

    private InvalidInputException Missing(string key) => new($"{_name}.{key} is missing.");

    private InvalidInputException Wrong(string key, string rule, JsonElement? value) =>
        new($"{_name}.{key} ({Excerpt.Of(value!.Value.GetRawText(), 100)}) {rule}.");
}
