using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Converts the records of another tool's file to EvalJobs' own form.</summary>
internal static class ConvertedRecords
{
    private const int MaxListed = 50;

    /// <param name="records">The file's records, one for each case.</param>
    /// <param name="converter">The converter for the tool's format.</param>
    /// <param name="options">Contains the report for the findings.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidInputException">A record contains a text that cannot be read.</exception>
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        IAsyncEnumerable<CaseRecord> records, ICaseConverter converter, ConversionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var paths = new Dictionary<string, JsonPath>(StringComparer.Ordinal);
        await foreach (var record in records.WithCancellation(cancellationToken))
        {
            var source = ((JsonCaseRecord)record).Value;
            if (TryConvert(converter, source, record.Place, options) is { } converted)
                yield return new JsonCaseRecord(record.Place, ToElement(converted), paths);
        }
    }

    /// <exception cref="InvalidInputException">A case cannot be converted, and such cases are not left out, or the file has no other case.</exception>
    public static void EnsureNothingLost(ConversionOptions options, bool isAnyConverted, FilePlace file)
    {
        var found = options.Report.LeftOut;
        if (found.Count == 0 || (options.SkipUnsupported && isAnyConverted))
            return;

        var lines = found.Take(MaxListed).Select(each => $"\n  {each}");
        var more = found.Count > MaxListed ? $"\n  … and {found.Count - MaxListed} more" : "";
        var what = isAnyConverted ? $"{found.Count} of the cases cannot be converted" : "none of the cases can be converted";
        var remedies = found.Select(each => each.Remedy).OfType<Remedy>().Distinct();
        if (isAnyConverted)
            remedies = remedies.Prepend(new Remedy(RemedyKind.SkipUnsupported));
        throw new InvalidInputException(file.Error($"{what}:{string.Concat(lines)}{more}").Message) { Remedies = [.. remedies] };
    }

    public static JsonElement ToElement(JsonObject value) => JsonSerializer.SerializeToElement(value);

    private static JsonObject? TryConvert(ICaseConverter converter, JsonElement source, FilePlace place, ConversionOptions options)
    {
        try
        {
            return converter.Convert(source, options.Report);
        }
        catch (UnsupportedCaseException error)
        {
            options.Report.LeaveOut(place, DatasetRecord.Key(source), error.Message, error.Remedy);
            return null;
        }
        catch (InvalidOperationException error)
        {
            throw place.Error("a text contains half of a surrogate pair.", inner: error);
        }
    }
}

/// <summary>Converts one record of another tool to EvalJobs' own form.</summary>
internal interface ICaseConverter
{
    /// <returns>The case; null when the tool itself would skip it, which is noted in the report.</returns>
    /// <exception cref="UnsupportedCaseException">It has a part that EvalJobs has no equivalent for.</exception>
    JsonObject? Convert(JsonElement source, ConversionReport report);
}
