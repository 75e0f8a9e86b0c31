using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The records of a file of another tool, converted to EvalJobs' own form.</summary>
internal static class ConvertedFile
{
    /// <param name="input">The file.</param>
    /// <param name="format">Its format.</param>
    /// <param name="file">For messages.</param>
    /// <param name="options">Contains the tool whose format the file has.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">The tool's format is not supported in such a file, or a mapping is given.</exception>
    public static IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream input, ImportFormat format, FilePlace file, TestCaseReadOptions options, CancellationToken cancellationToken)
    {
        var conversion = options.Conversion!;
        var whose = conversion.Format!.Value;
        conversion.Report.Clear();
        conversion.Report.Format = whose;
        if (options.Mapping is not null)
            throw file.Error($"the format {SuiteFormats.NameOf(whose)} defines where each field is: no fields are named for it.", remedy: new(RemedyKind.NameNoFields));

        if (whose == SuiteFormat.Promptfoo)
        {
            return format is ImportFormat.Yaml or ImportFormat.Json
                ? PromptfooFile.ReadAsync(input, file, conversion, cancellationToken)
                : throw file.Error("the format promptfoo is read from .yaml, .yml and .json files.");
        }

        IAsyncEnumerable<CaseRecord> records = format switch
        {
            ImportFormat.Jsonl => JsonlRecords.ReadAsync(input, file, cancellationToken),
            ImportFormat.Json => JsonRecords.ReadAsync(input, file, options.Root, cancellationToken),
            ImportFormat.Yaml => YamlRecords.ReadAsync(input, file, options.Root, cancellationToken),
            _ => throw file.Error($"the format {SuiteFormats.NameOf(whose)} is read from .jsonl, .json and .yaml files; a table needs no format, but the columns of input and expected output.", remedy: new(RemedyKind.NameColumns)),
        };
        return ConvertedRecords.ReadAsync(records, ConverterOf(whose, conversion, options.DefaultScoring), conversion, cancellationToken);
    }

    private static ICaseConverter ConverterOf(SuiteFormat whose, ConversionOptions conversion, ScoringSpec? scoring) => whose switch
    {
        SuiteFormat.OpenAiEvals => new OpenAiEvalsConverter(conversion, new ScoringChoice(scoring is not null, scoring?.Type)),
        SuiteFormat.Inspect => new InspectConverter(scoring is not null),
        SuiteFormat.DeepEval => new DeepEvalConverter(scoring is not null),
        _ => new PlatformConverter(whose, scoring is not null),
    };
}
