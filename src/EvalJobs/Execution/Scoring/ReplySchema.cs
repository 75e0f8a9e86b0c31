using System.Text.Json;
using EvalJobs.Domain;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// A JSON schema from a suite, checked by NJsonSchema. Only keywords that NJsonSchema really checks are accepted: one it passes
/// over in silence, such as <c>const</c>, would let wrong replies pass. <c>$ref</c> stays within the schema; nothing is ever fetched.
/// </summary>
internal sealed class ReplySchema
{
    private const int MaxMisfits = 10;

    private static readonly HashSet<string> Annotations = new(
        ["$schema", "$id", "id", "$comment", "title", "description", "default", "examples", "definitions", "$defs"],
        StringComparer.Ordinal);

    private static readonly HashSet<string> Keywords = new(
        [
            "type", "enum", "format", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
            "items", "additionalItems", "minItems", "maxItems", "uniqueItems", "allOf", "anyOf", "oneOf", "not",
            "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        ],
        StringComparer.Ordinal);

    private static readonly HashSet<string> Types = new(
        ["array", "boolean", "integer", "null", "number", "object", "string"], StringComparer.Ordinal);

    private static readonly BoundedCache<ReplySchema> Prepared = new(64, Load);

    private readonly JsonSchema _schema;

    private ReplySchema(JsonSchema schema) => _schema = schema;

    /// <summary>Reads the <c>schema</c> setting.</summary>
    /// <exception cref="InvalidInputException">Not a schema, a keyword that would not be checked, or a <c>$ref</c> to elsewhere.</exception>
    public static ReplySchema Of(JsonElement schema) => Prepared.Get(schema.GetRawText());

    /// <returns>What does not fit, at most ten findings; null when all fits.</returns>
    /// <exception cref="ScoringException">A pattern took too long, or the schema refers to itself without end.</exception>
    public string? FindMisfits(JsonElement reply, CancellationToken cancellationToken)
    {
        var misfits = Misfits(reply, cancellationToken);
        if (misfits.Count == 0)
            return null;

        var shown = misfits.Take(MaxMisfits).Select(misfit => $"{Excerpt.Of(misfit.Path ?? "", 100)}: {misfit.Kind}");
        var more = misfits.Count > MaxMisfits ? $"; and {misfits.Count - MaxMisfits} more" : "";
        return $"The reply does not fit the schema: {string.Join("; ", shown)}{more}.";
    }

    private ICollection<ValidationError> Misfits(JsonElement reply, CancellationToken cancellationToken)
    {
        using var reader = new JsonTextReader(new StringReader(reply.GetRawText())) { DateParseHandling = DateParseHandling.None };
        try
        {
            return new BoundedValidator(cancellationToken).Validate(JToken.ReadFrom(reader), _schema);
        }
        catch (InvalidOperationException error)
        {
            // How NJsonSchema reports a schema that is nothing but a reference to itself.
            throw new ScoringException($"scoring.schema cannot be used: {error.Message}", error);
        }
    }

    private static ReplySchema Load(string json)
    {
        CheckKeywords(JsonElement.Parse(json), "schema");
        try
        {
            // Completes at once: only a $ref to elsewhere would wait for anything, and there is none.
            return new(JsonSchema.FromJsonAsync(json).GetAwaiter().GetResult());
        }
        catch (Exception error) when (error
            is Newtonsoft.Json.JsonException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new InvalidInputException($"scoring.schema is not a usable JSON schema: {error.Message}", error);
        }
    }

    private static void CheckKeywords(JsonElement schema, string path)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            throw ScoringSettings.Wrong(path, schema, "must be an object");

        var isReference = schema.TryGetProperty("$ref", out var reference);
        if (isReference && !(reference.ValueKind == JsonValueKind.String && reference.GetString() is "#" or ['#', '/', ..]))
            throw ScoringSettings.Wrong($"{path}.$ref", reference, "must point into the schema itself, such as \"#/definitions/name\"");

        foreach (var keyword in schema.EnumerateObject())
        {
            var inner = $"{path}.{keyword.Name}";
            if (keyword.Name == "$ref" || Annotations.Contains(keyword.Name) && keyword.Name is not ("definitions" or "$defs"))
                continue;
            if (isReference && !Annotations.Contains(keyword.Name))
                throw new InvalidInputException($"scoring.{inner} would not be checked beside $ref; put both into allOf.");
            if (!Annotations.Contains(keyword.Name) && !Keywords.Contains(keyword.Name))
                throw new InvalidInputException(
                    $"scoring.{inner} would not be checked; known are {string.Join(", ", Keywords.Order(StringComparer.Ordinal))} and $ref.");

            CheckValue(keyword.Name, keyword.Value, inner);
        }
    }

    private static void CheckValue(string keyword, JsonElement value, string path)
    {
        switch (keyword)
        {
            case "properties" or "definitions" or "$defs" when value.ValueKind == JsonValueKind.Object:
                foreach (var schema in value.EnumerateObject())
                    CheckKeywords(schema.Value, $"{path}.{schema.Name}");
                break;

            case "allOf" or "anyOf" or "oneOf" or "items" when value.ValueKind == JsonValueKind.Array:
                foreach (var (index, schema) in value.EnumerateArray().Index())
                    CheckKeywords(schema, $"{path}[{index}]");
                break;

            case "additionalProperties" or "additionalItems" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                break;

            case "items" or "not" or "additionalProperties" or "additionalItems":
                CheckKeywords(value, path);
                break;

            case "properties" or "definitions" or "$defs" or "allOf" or "anyOf" or "oneOf":
                throw ScoringSettings.Wrong(path, value, "must hold schemas");

            case "maxItems" or "maxProperties" when value.ValueKind == JsonValueKind.Number && value.GetDouble() <= 0:
                throw ScoringSettings.Wrong(path, value, "must be a number above 0; 0 would not be checked");

            case "type" when value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array) || !TypesOf(value).All(Types.Contains):
                throw ScoringSettings.Wrong(path, value, $"must be of {string.Join(", ", Types.Order(StringComparer.Ordinal))}");

            case "pattern":
                _ = new ScoringPattern(value.ValueKind == JsonValueKind.String ? value.GetString()! : "", $"scoring.{path}");
                break;
        }
    }

    private static IEnumerable<string> TypesOf(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(item => item.ToString()) : [type.GetString()!];

    /// <summary>NJsonSchema sets no bound to patterns and to schemas that refer to themselves; this validator does.</summary>
    private sealed class BoundedValidator(CancellationToken cancellationToken) : JsonSchemaValidator((JsonSchemaValidatorSettings?)null)
    {
        private const int MaxDepth = 200;
        private const int MaxSteps = 1_000_000;

        private int _depth;
        private int _steps;

        protected override ICollection<ValidationError> Validate(
            JToken token, JsonSchema schema, SchemaType schemaType, string? propertyName, string propertyPath)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_steps > MaxSteps || _depth >= MaxDepth)
                throw new ScoringException($"scoring.schema takes more than {MaxSteps} steps or {MaxDepth} levels on this reply.");

            // The base runs the pattern without a limit right after; what ended in time here ends in time there.
            if (token.Type == JTokenType.String && schema.Pattern is { Length: > 0 } pattern)
                _ = new ScoringPattern(pattern, "scoring.schema").First(token.Value<string>()!);

            _depth++;
            try
            {
                return base.Validate(token, schema, schemaType, propertyName, propertyPath);
            }
            finally
            {
                _depth--;
            }
        }
    }
}
