using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Detects the format of a file by its outermost names and those of its first record. A file of no known tool is in EvalJobs' own form.</summary>
internal static class SuiteFormatDetector
{
    private static readonly string[] PromptfooNames = ["tests", "prompts", "providers", "defaultTest", "scenarios"];
    private static readonly string[] GoldenNames = ["additional_metadata", "retrieval_context", "actual_output", "expected_tools", "tools_called", "source_file", "turns", "scenario"];
    private static readonly string[] LangfuseNames = ["datasetId", "datasetName", "sourceTraceId", "sourceObservationId"];
    private static readonly string[] BraintrustNames = ["_xact_id", "root_span_id", "_pagination_key"];

    /// <param name="open">Opens the file at its start.</param>
    /// <param name="format">Its file format.</param>
    /// <param name="file">For messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">The first record has the names of more than one format.</exception>
    public static async Task<SuiteFormat> DetectAsync(Func<Stream> open, ImportFormat format, FilePlace file, CancellationToken cancellationToken)
    {
        HashSet<string>? names;
        bool isRecord;
        await using (var opened = open())
        await using (var stream = new ImportStream(opened, file))
        {
            try
            {
                (names, isRecord) = format switch
                {
                    ImportFormat.Jsonl => (await ReadFirstLineAsync(stream, file, cancellationToken), true),
                    ImportFormat.Json => await ReadJsonAsync(stream, file, cancellationToken),
                    ImportFormat.Yaml => await ReadYamlAsync(stream, file, cancellationToken),
                    _ => (null, false),
                };
            }
            catch (InvalidInputException)
            {
                // The reader of the cases reports the error and its place.
                return SuiteFormat.EvalJobs;
            }
        }

        if (names is null)
            return SuiteFormat.EvalJobs;
        return isRecord ? OfRecord(names, file) : !names.Contains("cases") && names.Overlaps(PromptfooNames) ? SuiteFormat.Promptfoo : SuiteFormat.EvalJobs;
    }

    private static SuiteFormat OfRecord(HashSet<string> names, FilePlace file)
    {
        if (names.Contains("scoring"))
            return SuiteFormat.EvalJobs;

        bool Has(string name) => names.Contains(name);
        var hasAnswer = Has("expected") || Has("expectedOutput") || Has("expected_output") || Has("answer");
        (SuiteFormat Format, bool Fits)[] candidates =
        [
            (SuiteFormat.Promptfoo, Has("assert") || (Has("vars") && !Has("input"))),
            (SuiteFormat.OpenAiEvals, (Has("input") && Has("ideal")) || (Has("item") && !Has("input"))),
            (SuiteFormat.Inspect, Has("input") && Has("target") && !hasAnswer),
            (SuiteFormat.DeepEval, names.Overlaps(GoldenNames) && (Has("input") || Has("scenario") || Has("turns"))),
            (SuiteFormat.Langfuse, Has("input") && names.Overlaps(LangfuseNames)),
            (SuiteFormat.LangSmith, Has("inputs") && (Has("outputs") || Has("dataset_id"))),
            (SuiteFormat.Braintrust, Has("input") && names.Overlaps(BraintrustNames)),
        ];
        var fitting = Array.FindAll(candidates, candidate => candidate.Fits);
        return fitting.Length switch
        {
            0 => SuiteFormat.EvalJobs,
            1 => fitting[0].Format,
            _ => throw file.Error(
                $"the first record could be one of {string.Join(" and ", fitting.Select(each => SuiteFormats.NameOf(each.Format)))}; choose the format, or evaljobs for neither.", remedy: new(RemedyKind.ChooseFormat)),
        };
    }

    private static async Task<HashSet<string>?> ReadFirstLineAsync(ImportStream stream, FilePlace file, CancellationToken cancellationToken)
    {
        await foreach (var record in JsonlRecords.ReadAsync(stream, file, cancellationToken))
            return NamesOf(((JsonCaseRecord)record).Value);
        return null;
    }

    private static async Task<(HashSet<string>? Names, bool IsRecord)> ReadJsonAsync(ImportStream stream, FilePlace file, CancellationToken cancellationToken)
    {
        var tokens = new JsonTokens(stream, file);
        if (!await tokens.ReadAsync(cancellationToken))
            return (null, false);
        if (tokens.Type == JsonTokenType.StartArray)
        {
            if (!await tokens.ReadAsync(cancellationToken) || tokens.Type != JsonTokenType.StartObject)
                return (null, false);
            return (NamesOf(await tokens.ReadValueAsync(cancellationToken)), true);
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        while (tokens.Type != JsonTokenType.None && await tokens.ReadAsync(cancellationToken) && tokens.Type == JsonTokenType.PropertyName)
        {
            names.Add(tokens.Name);
            if (tokens.Name == "cases")
                break;
            await tokens.ReadAsync(cancellationToken);
            await tokens.SkipAsync(cancellationToken);
        }

        return (names, false);
    }

    private static async Task<(HashSet<string>? Names, bool IsRecord)> ReadYamlAsync(ImportStream stream, FilePlace file, CancellationToken cancellationToken)
    {
        var root = await YamlValue.ReadAsync(stream, file, ImportLimits.MaxYamlBytes, cancellationToken);
        return root switch
        {
            { Kind: YamlKind.Mapping } => (NamesOf(root), false),
            { Kind: YamlKind.Sequence } when root.Items is [{ Kind: YamlKind.Mapping } first, ..] => (NamesOf(first), true),
            _ => (null, false),
        };
    }

    private static HashSet<string> NamesOf(YamlValue mapping) => [.. mapping.Properties.Select(property => property.Name)];

    private static HashSet<string>? NamesOf(JsonElement record) =>
        record.ValueKind == JsonValueKind.Object ? [.. record.EnumerateObject().Select(property => property.Name)] : null;
}
