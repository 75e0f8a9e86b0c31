using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// The setting <c>normalize</c>: differences of spelling that do not count. By default only the kind of line end does not.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>line_ends</c>: CR LF and CR count as LF. Always on, except with <c>"none"</c>.</item>
/// <item><c>unicode</c>: canonically equal texts are equal (NFC): <c>é</c> as one character or as two.</item>
/// <item><c>whitespace</c>: any run of white space, line ends and no-break spaces included, counts as one space.</item>
/// </list>
/// </remarks>
internal sealed class TextNormalization
{
    private const string Allowed = "\"none\", \"line_ends\", \"unicode\", \"whitespace\" or a list of them";

    /// <summary>The setting, for the description of a scorer that has it.</summary>
    /// <param name="default">What holds without it.</param>
    public static ScorerSetting Described(string @default = "line_ends") => new("normalize", ScorerSettingKind.Choices, "Differences of spelling that are ignored. none cannot be combined with others.")
    {
        Choices = ["none", "line_ends", "unicode", "whitespace"],
        Default = @default,
    };

    private readonly bool _lineEnds;
    private readonly bool _unicode;
    private readonly bool _whitespace;

    private TextNormalization(bool lineEnds, bool unicode, bool whitespace) =>
        (_lineEnds, _unicode, _whitespace) = (lineEnds, unicode, whitespace);

    /// <summary>Reads the setting.</summary>
    /// <param name="settings">The scoring object.</param>
    /// <param name="lineEnds">Whether line ends are normalized when the setting is absent.</param>
    /// <exception cref="InvalidInputException">
    /// An unknown option, <c>none</c> together with another option, or <c>unicode</c> where .NET runs without ICU and would change nothing.
    /// </exception>
    public static TextNormalization Read(ScoringSettings settings, bool lineEnds = true)
    {
        if (settings.Json("normalize") is not { } value)
            return new(lineEnds, unicode: false, whitespace: false);

        var names = settings.Texts("normalize")!;
        if (names.Any(name => name is not ("none" or "line_ends" or "unicode" or "whitespace")) || names.Contains("none", StringComparer.Ordinal) && names.Count > 1)
            throw ScoringSettings.Wrong("normalize", value, $"must be {Allowed}");
        if (names.Contains("unicode", StringComparer.Ordinal) && Composed("e\u0301") != "\u00E9")
            throw new InvalidInputException("scoring.normalize (unicode) cannot be used here: .NET runs without ICU (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT).");
        return new(
            !names.Contains("none", StringComparer.Ordinal),
            names.Contains("unicode", StringComparer.Ordinal),
            names.Contains("whitespace", StringComparer.Ordinal));
    }

    /// <returns>The normalized text.</returns>
    public string Apply(string text)
    {
        if (_lineEnds && text.Contains('\r'))
            text = text.ReplaceLineEndings("\n");
        if (_unicode)
            text = Composed(text);
        return _whitespace ? SingleSpaces(text) : text;
    }

    /// <returns>The value with every text and key in it normalized.</returns>
    /// <remarks>Two keys that become the same make the value unlike any other: it is returned as it was.</remarks>
    public JsonElement Apply(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array))
            return value;

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer, value);
        var json = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
        return JsonText.TryRead(json, out var normalized) ? normalized : value;
    }

    private void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(Apply(property.Name));
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Apply(value.GetString()!));
                break;
            default:
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
        }
    }

    // Half of a surrogate pair has no normal form; such a text stays as it is.
    private static string Composed(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    private static string SingleSpaces(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c))
                result.Append(c);
            else if (result.Length > 0 && result[^1] != ' ')
                result.Append(' ');
        }
        return result.ToString().TrimEnd(' ');
    }
}
