using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;

namespace EvalJobs.Execution.Scoring;

/// <summary>The form in which a judge is asked for its verdict: not every server accepts a schema, and not every model a temperature.</summary>
/// <param name="ResponseFormat">One of <see cref="ResponseFormats"/>.</param>
/// <param name="Temperature">The temperature sent, as JSON; null sends none.</param>
internal sealed record JudgeForm(string ResponseFormat, string? Temperature)
{
    /// <summary>The strictest first; <c>text</c> sends no response format.</summary>
    public static readonly string[] ResponseFormats = ["json_schema", "json_object", "text"];

    private static readonly string[] FormatWords = ["response_format", "response format", "json_schema", "json schema", "json_object", "structured output", "guided_json", "guided decoding"];

    private static readonly JsonElement Schema = JsonElement.Parse("""
        {
          "type": "json_schema",
          "json_schema": {
            "name": "verdict",
            "schema": {
              "type": "object",
              "properties": {
                "score": { "type": "number", "description": "0 (wrong) to 1 (fully right)" },
                "reason": { "type": "string", "description": "One or two sentences" }
              },
              "required": ["score", "reason"],
              "additionalProperties": false
            }
          }
        }
        """);

    private static readonly JsonElement Object = JsonElement.Parse("""{ "type": "json_object" }""");

    /// <summary>Whether a temperature that the judge rejects may be left out, because the settings do not name one.</summary>
    private bool IsTemperatureOurs => Temperature == "0";

    /// <summary>The fields of the request.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> Fields
    {
        get
        {
            var fields = new List<KeyValuePair<string, JsonElement>>();
            if (Temperature is not null)
                fields.Add(KeyValuePair.Create("temperature", JsonElement.Parse(Temperature)));
            if (ResponseFormat != "text")
                fields.Add(KeyValuePair.Create("response_format", ResponseFormat == "json_schema" ? Schema : Object));
            return fields;
        }
    }

    /// <summary>Reads <c>responseFormat</c> and <c>temperature</c> of a case's scoring.</summary>
    /// <exception cref="InvalidInputException">One of them is wrong; the message names it.</exception>
    public static JudgeForm Read(JsonSettings settings, JsonElement scoring)
    {
        var format = settings.Text("responseFormat") ?? ResponseFormats[0];
        if (!ResponseFormats.Contains(format, StringComparer.Ordinal))
            throw new InvalidInputException($"scoring.responseFormat ({Excerpt.Of(format, 50)}) must be one of {string.Join(", ", ResponseFormats)}.");

        var isNone = scoring.TryGetProperty("temperature", out var given) && given.ValueKind == JsonValueKind.Null;
        return new JudgeForm(format, isNone ? null : settings.Number("temperature", 0, 2) is null ? "0" : given.GetRawText());
    }

    /// <returns>What to ask with instead, when the judge rejects a part of the form; null when it rejects something else.</returns>
    /// <param name="error">What the judge answered.</param>
    public JudgeForm? WithoutRejectedPart(AgentCallException error)
    {
        if (error.RejectionText is not { } words)
            return null;
        if (IsTemperatureOurs && words.Contains("temperature", StringComparison.OrdinalIgnoreCase))
            return this with { Temperature = null };
        if (ResponseFormat != "text" && FormatWords.Any(word => words.Contains(word, StringComparison.OrdinalIgnoreCase)))
            return this with { ResponseFormat = ResponseFormats[Array.IndexOf(ResponseFormats, ResponseFormat) + 1] };
        return null;
    }
}
