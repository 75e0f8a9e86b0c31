using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>
/// <c>json</c>: 1 when the expected output is a subset of the reply or, with <c>schema</c>, when the reply matches that JSON schema;
/// else 0 with the reason.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Subset: an object needs every expected key, each with a subset; other values must be equal, numbers by value.</item>
/// <item><c>arrays</c>: <c>equal</c> (default), as many items, each a subset in its place; or <c>contains</c>, every expected item
/// is a subset of some item, in any order.</item>
/// <item><c>schema</c>: a JSON schema, draft 2020-12 unless its <c>$schema</c> names another; the expected output is then not read.</item>
/// </list>
/// The reply may be wrapped in one fenced block (<c>```json … ```</c>) with nothing around it. A reply that is not JSON is wrong,
/// not unscored.
/// </remarks>
internal sealed class JsonScorer : IIsolatedScorer
{
    private const string Fence = "```";

    private static readonly ScorerDescription Described = new(
        "The expected JSON is a part of the reply's, or the reply fits a JSON schema.",
        new ScorerSetting("arrays", ScorerSettingKind.Choice, "How arrays are compared: item by item in place, or every expected item somewhere. Not with a schema.") { Choices = ["equal", "contains"], Default = "equal" },
        new ScorerSetting("schema", ScorerSettingKind.Json, "A JSON schema the reply must fit; the expected output is then not read."));

    /// <inheritdoc/>
    public string Name => "json";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    // A comparison item by item in its place takes time in proportion to the texts.
    bool IIsolatedScorer.NeedsProcess(ScoringRequest request) => CheckNeedsProcess(request.Spec);

    bool IIsolatedScorer.CheckNeedsProcess(ScoringSpec spec) => CheckNeedsProcess(spec);

    private static bool CheckNeedsProcess(ScoringSpec spec) =>
        spec.Settings.TryGetProperty("schema", out _) || spec.Settings.TryGetProperty("arrays", out _);

    /// <inheritdoc/>
    public ScorerDescription Description => Described;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected) => _ = Settings.Read(spec, expected);

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken)
    {
        var settings = Settings.Read(request.Spec, request.Expected);
        if (!JsonText.TryRead(WithoutFence(request.Actual), out var actual, out var error))
            return new(new Score(0, Excerpt.Of($"The reply cannot be read. {error}")));

        var mismatch = settings.Schema is { } schema
            ? schema.FindErrors(actual)
            : new JsonSubset(settings.ArraysContain, cancellationToken).FindMismatch(settings.Expected, actual, "$");
        return new(mismatch is null ? Score.Right : new Score(0, mismatch));
    }

    private static string WithoutFence(string reply)
    {
        var text = reply.AsSpan().Trim();
        var firstLineEnd = text.IndexOf('\n');
        if (firstLineEnd < 0 || !text.StartsWith(Fence) || !text.EndsWith(Fence))
            return reply;

        var language = text[Fence.Length..firstLineEnd].Trim();
        return language.IsEmpty || language.Equals("json", StringComparison.OrdinalIgnoreCase)
            ? text[firstLineEnd..^Fence.Length].ToString()
            : reply;
    }

    private sealed record Settings(ReplySchema? Schema, JsonElement Expected, bool ArraysContain)
    {
        public static Settings Read(ScoringSpec spec, string? expected)
        {
            var settings = new ScoringSettings(spec, Described);
            var arrays = settings.Text("arrays");
            if (arrays is not (null or "equal" or "contains"))
                throw new InvalidInputException($"scoring.arrays ({arrays}) must be equal or contains.");

            if (settings.Json("schema") is { } schema)
                return arrays is null
                    ? new(ReplySchema.Of(schema), default, ArraysContain: false)
                    : throw new InvalidInputException("scoring.arrays is about the expected output; with scoring.schema it has no meaning.");

            if (expected is null)
                throw new InvalidInputException("'json' needs scoring.schema or an expected output to find in the reply.");
            return JsonText.TryRead(expected, out var json, out var error)
                ? new(Schema: null, json, arrays == "contains")
                : throw new InvalidInputException($"'json' needs JSON as expected output: {error}");
        }
    }
}
