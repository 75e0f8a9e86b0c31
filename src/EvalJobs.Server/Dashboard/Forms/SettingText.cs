using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using Microsoft.Extensions.Primitives;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>The value of a scorer's setting as a form's field shows it, and back.</summary>
internal static class SettingText
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The text of a value; null when the field would change the value, which is then edited as JSON.</returns>
    public static string? Show(ScorerSetting setting, JsonNode? value) => (setting.Kind, value?.GetValueKind()) switch
    {
        (ScorerSettingKind.Json, not null) => Fitting(value!.ToJsonString(Json), isLong: true),
        (ScorerSettingKind.Text or ScorerSettingKind.Number, JsonValueKind.Number) => value!.ToJsonString(),
        (ScorerSettingKind.Text, JsonValueKind.String) => Fitting(value!.GetValue<string>(), isLong: false),
        (ScorerSettingKind.LongText, JsonValueKind.String) => Fitting(value!.GetValue<string>(), isLong: true),
        (ScorerSettingKind.Choice, JsonValueKind.String) => setting.Choices.Contains(value!.GetValue<string>(), StringComparer.Ordinal) ? value.GetValue<string>() : null,
        (ScorerSettingKind.Choices or ScorerSettingKind.Texts, JsonValueKind.String) => ShowList(setting, [value!.GetValue<string>()]),
        (ScorerSettingKind.Choices or ScorerSettingKind.Texts, JsonValueKind.Array) when value!.AsArray().All(item => item?.GetValueKind() == JsonValueKind.String) =>
            ShowList(setting, [.. value.AsArray().Select(item => item!.GetValue<string>())]),
        _ => null,
    };

    /// <returns>The typed text, in the form that <see cref="Show"/> returns.</returns>
    public static string Typed(ScorerSetting setting, StringValues posted) => setting.Kind switch
    {
        ScorerSettingKind.Choices => string.Join('\n', setting.Choices.Where(choice => posted.Contains(choice, StringComparer.Ordinal))),
        ScorerSettingKind.Texts => string.Join('\n', LinesOf(FormText.Lines(posted))),
        ScorerSettingKind.LongText => FormText.Lines(posted),
        ScorerSettingKind.Json => FormText.Lines(posted).Trim(),
        _ => FormText.Line(posted).Trim(),
    };

    /// <summary>Reads what was typed.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="typed">From <see cref="Typed"/>.</param>
    /// <param name="value">The value; null when the field is blank, which leaves the setting out.</param>
    /// <returns>Whether it can be read.</returns>
    public static bool TryRead(ScorerSetting setting, string typed, out JsonNode? value)
    {
        value = null;
        if (typed.Length == 0)
            return true;
        value = setting.Kind switch
        {
            ScorerSettingKind.Number => NumberOf(setting, typed),
            ScorerSettingKind.Choice => setting.Choices.Contains(typed, StringComparer.Ordinal) ? JsonValue.Create(typed) : null,
            ScorerSettingKind.Choices or ScorerSettingKind.Texts => typed.Split('\n') is { Length: > 1 } several ? new JsonArray([.. several.Select(each => (JsonNode)each)]) : JsonValue.Create(typed),
            ScorerSettingKind.Json => Parse(typed),
            _ => JsonValue.Create(typed),
        };
        return value is not null;
    }

    /// <returns>The error for a text that cannot be read, with what is expected.</returns>
    public static string Problem(ScorerSetting setting, string typed) => setting.Kind switch
    {
        ScorerSettingKind.Number => $"{setting.Name} must be a number{Range(setting)}.{NumberHint.For(typed, isShare: false)}",
        ScorerSettingKind.Json => $"{setting.Name} expects JSON, and this is not valid JSON. Strings and keys are written in double quotes.",
        _ => $"{setting.Name} must be one of {string.Join(", ", setting.Choices)}.",
    };

    /// <returns>Such as <c> from 0.1 to 10</c>; empty when there is no bound.</returns>
    public static string Range(ScorerSetting setting) => (setting.Minimum, setting.Maximum) switch
    {
        (null, null) => "",
        ({ } least, null) => string.Create(CultureInfo.InvariantCulture, $" of {least} or more"),
        (null, { } most) => string.Create(CultureInfo.InvariantCulture, $" of {most} or less"),
        ({ } least, { } most) => string.Create(CultureInfo.InvariantCulture, $" from {least} to {most}"),
    };

    /// <returns>What follows a setting's help: its range, and its default.</returns>
    public static string HelpEnd(ScorerSetting setting) =>
        (setting.Kind == ScorerSettingKind.Number && Range(setting).Length > 0 ? $" A number{Range(setting)}." : "") + (setting.Default is null ? "" : $" Default: {setting.Default}.");

    private static JsonNode? NumberOf(ScorerSetting setting, string typed) =>
        Parse(typed) is { } value && value.GetValueKind() == JsonValueKind.Number
        && double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && !(number < setting.Minimum) && !(number > setting.Maximum) ? value : null;

    private static JsonNode? Parse(string typed)
    {
        try
        {
            return JsonNode.Parse(CanonicalJson.Of(typed));
        }
        catch (Exception error) when (error is JsonException or InvalidInputException)
        {
            return null;
        }
    }

    private static string? ShowList(ScorerSetting setting, IReadOnlyList<string> items) =>
        setting.Kind == ScorerSettingKind.Choices
            ? items.All(item => setting.Choices.Contains(item, StringComparer.Ordinal)) && items.Distinct(StringComparer.Ordinal).Count() == items.Count
                ? string.Join('\n', setting.Choices.Where(choice => items.Contains(choice, StringComparer.Ordinal)))
                : null
            : items.Count > 0 && items.All(item => item.Length > 0 && !item.Contains('\n', StringComparison.Ordinal) && !item.Contains('\r', StringComparison.Ordinal))
                ? Fitting(string.Join('\n', items), isLong: true)
                : null;

    private static IEnumerable<string> LinesOf(string text) => text.Split('\n').Where(line => line.Length > 0);

    private static string? Fitting(string text, bool isLong) =>
        text.Length > 0 && text.Length <= CaseForm.LongestText && FormText.CanRoundTrip(text) && (isLong || text.AsSpan().IndexOfAny('\r', '\n') < 0 && text == text.Trim()) ? text : null;
}

/// <summary>What the field of a setting shows.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Field">The field's name.</param>
/// <param name="Text">Its text.</param>
internal sealed record SettingFieldModel(ScorerSetting Setting, string Field, string Text);
