using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>One record of a file, from which a test case is made.</summary>
internal abstract class CaseRecord(FilePlace place)
{
    /// <summary>The place at which the record starts.</summary>
    public FilePlace Place { get; } = place;

    /// <summary>The names of the record's fields; empty for CSV, whose header is checked once.</summary>
    public virtual IEnumerable<string> Names => [];

    /// <returns>Whether the record has the field, even with a null or empty value.</returns>
    public abstract bool Has(string path);

    /// <returns>A text unchanged, any other value as canonical JSON; null when there is none.</returns>
    public abstract string? Text(string path);

    /// <returns>A short text or number, for names; null when there is none.</returns>
    public abstract string? Label(string path);

    /// <returns>A number; null when there is none.</returns>
    public abstract double? Number(string path);

    /// <returns>A scoring object's JSON or a scorer's bare name; null when there is none.</returns>
    public abstract string? Scoring(string path);

    /// <returns>A list of words, from a list or from one text with commas between them; null when there is none.</returns>
    public abstract IReadOnlyList<string>? Words(string path);

    /// <returns>True or false; null when there is none.</returns>
    public abstract bool? Flag(string path);

    /// <returns>The words of one text with commas between them.</returns>
    protected static IReadOnlyList<string> Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>An object of a JSONL, JSON or YAML file.</summary>
/// <param name="place">The place at which the object starts.</param>
/// <param name="value">The object.</param>
/// <param name="paths">The paths of the mapping, parsed once per file.</param>
internal sealed class JsonCaseRecord(FilePlace place, JsonElement value, Dictionary<string, JsonPath> paths) : CaseRecord(place)
{
    /// <summary>The object.</summary>
    public JsonElement Value => value;

    public override IEnumerable<string> Names => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().Select(each => each.Name) : [];

    public override bool Has(string path) => Find(path) is not null;

    public override string? Text(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { } found => ToText(path, found),
    };

    public override string? Label(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String or JsonValueKind.Number } found => ToText(path, found),
        { } found => throw Place.Error($"must be a text or a number, not {Kind(found)}.", path),
    };

    public override double? Number(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } found => found.GetDouble(),
        { } found => throw Place.Error($"must be a number, not {Kind(found)}.", path),
    };

    public override string? Scoring(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object or JsonValueKind.String } found => ToText(path, found),
        { } found => throw Place.Error($"must be a scoring object or a scorer's name, not {Kind(found)}.", path),
    };

    public override IReadOnlyList<string>? Words(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => Split(ToText(path, text)),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String) => [.. list.EnumerateArray().Select(word => ToText(path, word).Trim())],
        { } found => throw Place.Error($"must be an array of texts, or one text with commas between them, not {Kind(found)}.", path),
    };

    public override bool? Flag(string path) => Find(path) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } found => found.GetBoolean(),
        { } found => throw Place.Error($"must be true or false, not {Kind(found)}.", path),
    };

    /// <returns>The kind of a JSON value, with its article.</returns>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private JsonElement? Find(string path)
    {
        try
        {
            if (value.TryGetProperty(path, out var named))
                return named;
        }
        catch (InvalidOperationException error)
        {
            throw Place.Error("a key contains half of a surrogate pair.", inner: error);
        }

        if (!paths.TryGetValue(path, out var parsed))
            paths.Add(path, parsed = JsonPath.Parse(path));
        return parsed.Resolve(value);
    }

    private string ToText(string path, JsonElement found)
    {
        try
        {
            return found.ValueKind == JsonValueKind.String ? JsonPath.TextOf(found) : CanonicalJson.Of(found);
        }
        catch (InvalidInputException error)
        {
            throw Place.Error(error.Message, path, error);
        }
    }
}

/// <summary>A row of a CSV file. An empty cell is no value.</summary>
internal sealed class CsvCaseRecord(FilePlace place, CsvHeader header, string[] cells) : CaseRecord(place)
{
    public override bool Has(string path) => header.IndexOf(path) >= 0;

    public override string? Text(string path) => header.IndexOf(path) is >= 0 and var index && cells[index].Length > 0 ? cells[index] : null;

    public override string? Label(string path) => Text(path);

    public override double? Number(string path)
    {
        if (Text(path) is not { } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Place.Error($"'{text}' is not a number.{NumberHint.For(text, isShare: false)}", path);
    }

    public override string? Scoring(string path) => Text(path);

    public override IReadOnlyList<string>? Words(string path) => Text(path) is { } text ? Split(text) : null;

    public override bool? Flag(string path) => Text(path)?.Trim().ToUpperInvariant() switch
    {
        null => null,
        "TRUE" or "1" or "YES" => true,
        "FALSE" or "0" or "NO" => false,
        _ => throw Place.Error($"'{Text(path)}' is not true or false; write true, false, 1, 0, yes or no.", path),
    };
}
