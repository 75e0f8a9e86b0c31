using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;
using Json.Schema;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// A JSON Schema from a suite: draft 6, 7, 2019-09 or 2020-12 by its <c>$schema</c>, 2020-12 without one. <c>format</c> is asserted,
/// lengths count code points, numbers are exact. Nothing is ever fetched. What could not be judged is rejected when it is read.
/// </summary>
internal sealed class ReplySchema
{
    private const int MaxShown = 10;

    private static readonly BoundedCache<string, ReplySchema> Prepared = new(64, Load);

    private readonly JsonSchema _schema;

    private ReplySchema(JsonSchema schema) => _schema = schema;

    /// <summary>Reads the <c>schema</c> setting.</summary>
    /// <exception cref="InvalidInputException">Not a schema that can be judged; the message holds the place as a JSON pointer.</exception>
    public static ReplySchema Of(JsonElement schema) => Prepared.Get(schema.GetRawText());

    /// <returns>What does not fit, at most ten findings; null when all fits.</returns>
    /// <exception cref="ScoringException">The library threw an exception for this reply.</exception>
    public string? FindErrors(JsonElement reply)
    {
        try
        {
            if (_schema.Evaluate(reply, Options(OutputFormat.Flag)).IsValid)
                return null;
            return Describe(_schema.Evaluate(reply, Options(OutputFormat.List)));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new ScoringException($"scoring.schema cannot judge this reply: {Excerpt.Of(error.Message)}", error);
        }
    }

    // Only our own objects, because the library's defaults are shared by the whole process.
    private static EvaluationOptions Options(OutputFormat output) => new()
    {
        OutputFormat = output,
        RequireFormatValidation = true,
        FormatRegistry = SchemaFormats.Create(),
        Culture = CultureInfo.InvariantCulture,
    };

    private static string Describe(EvaluationResults results)
    {
        string[] errors = [.. (results.Details ?? []).Prepend(results)
            .Where(detail => !detail.IsValid && detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"{Place(detail)}: {error.Key}: {error.Value}"))
            .Distinct(StringComparer.Ordinal)];
        var more = errors.Length > MaxShown ? $"; and {errors.Length - MaxShown} more" : "";
        return $"The reply does not fit the schema: {string.Join("; ", errors.Take(MaxShown).Select(error => Excerpt.Of(error)))}{more}.";
    }

    private static string Place(EvaluationResults detail) =>
        detail.InstanceLocation.ToString() is { Length: > 0 } pointer ? Excerpt.Of(pointer, 100) : "the reply";

    private static ReplySchema Load(string json)
    {
        var schema = JsonElement.Parse(json);
        var dialect = new SchemaCheck(schema).Run();
        try
        {
            return new(JsonSchema.Build(SchemaForLibrary.Of(schema), new BuildOptions { SchemaRegistry = new(), DialectRegistry = new(), VocabularyRegistry = new(), Dialect = dialect }));
        }
        catch (Exception error) when (error is JsonSchemaException or RefResolutionException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw new InvalidInputException($"scoring.schema is not a usable JSON schema: {Excerpt.Of(error.Message)}", error);
        }
    }
}
