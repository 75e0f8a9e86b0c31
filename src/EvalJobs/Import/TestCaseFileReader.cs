using System.Runtime.CompilerServices;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>
/// Reads test cases from JSONL, CSV, JSON or YAML. The formats, the names of fields and every error are in docs/guide/importing.md.
/// </summary>
/// <remarks>
/// Cases are returned while the file is read, so a later error is found only when the reading reaches it. Store them in one transaction.
/// </remarks>
internal static class TestCaseFileReader
{
    /// <summary>Reads a file; its extension gives the format.</summary>
    /// <returns>At least one case, ordinals from 1, keys unique.</returns>
    /// <exception cref="InvalidInputException">The file is not a list of test cases; the message contains file, line and field.</exception>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    public static async IAsyncEnumerable<TestCase> ReadAsync(
        string path, TestCaseReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var format = ImportFormats.FromPath(path);
        await using var file = ImportFile.Open(path);
        await foreach (var testCase in ReadAsync(file, format, new FilePlace(Path.GetFileName(path)), options, cancellationToken))
            yield return testCase;
    }

    /// <summary>Reads a stream from its current position; it stays open.</summary>
    /// <inheritdoc cref="ReadAsync(string, TestCaseReadOptions?, CancellationToken)"/>
    public static IAsyncEnumerable<TestCase> ReadAsync(
        Stream stream, ImportFormat format, TestCaseReadOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadAsync(stream, format, new FilePlace(null), options, cancellationToken);

    internal static async IAsyncEnumerable<TestCase> ReadAsync(
        Stream stream, ImportFormat format, FilePlace file, TestCaseReadOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options ??= new TestCaseReadOptions();
        if (options.Root is not null && format is ImportFormat.Jsonl or ImportFormat.Csv)
            throw file.Error($"a root ('{options.Root}') belongs to JSON and YAML files; every line of this one is a record.");

        if (options.Csv is not null && format != ImportFormat.Csv)
            throw file.Error("a separator and a header belong to CSV files; this one is none.");

        await using var input = new ImportStream(stream, file);
        if (options.Conversion is { Format: not (null or SuiteFormat.EvalJobs) } conversion)
        {
            // The errors of cases are in the report, which lists the cases that cannot be converted.
            var convertedMapper = new TestCaseMapper(options with { Findings = null }, file);
            var isAnyConverted = false;
            await foreach (var record in ConvertedFile.ReadAsync(input, format, file, options, cancellationToken))
            {
                if (TryMap(convertedMapper, record, conversion) is not { } converted)
                    continue;
                isAnyConverted = true;
                yield return converted;
            }

            ConvertedRecords.EnsureNothingLost(conversion, isAnyConverted, file);
            convertedMapper.Finish();
            yield break;
        }

        var mapper = new TestCaseMapper(options, file);

        var records = format switch
        {
            ImportFormat.Jsonl => JsonlRecords.ReadAsync(input, file, cancellationToken, options.Findings),
            ImportFormat.Csv => CsvRecords.ReadAsync(input, file, options, mapper.ValidateColumns, cancellationToken),
            ImportFormat.Json => JsonRecords.ReadAsync(input, file, options.Root, cancellationToken, options.Findings),
            _ => YamlRecords.ReadAsync(input, file, options.Root, cancellationToken, options.Findings),
        };

        try
        {
            await foreach (var record in records)
            {
                if (mapper.Map(record) is { } made)
                    yield return made;
            }

            mapper.Finish();
        }
        finally
        {
            // Reported in a preview of the first cases, too.
            if (mapper.NotTaken is { } note)
                options.Conversion?.Report.AddNote(note);
        }
    }

    /// <returns>The case; null when it violates a rule for cases, which is reported like a case that cannot be converted.</returns>
    private static TestCase? TryMap(TestCaseMapper mapper, CaseRecord record, ConversionOptions conversion)
    {
        try
        {
            return mapper.Map(record);
        }
        catch (InvalidInputException error)
        {
            // The reason already begins with the place.
            var place = $"{record.Place.File}, line {record.Place.Line}";
            var reason = error.Message.StartsWith(place, StringComparison.Ordinal) ? error.Message[place.Length..].TrimStart(',', ':', ' ') : error.Message;
            conversion.Report.LeaveOut(record.Place, record.Label("key"), reason);
            return null;
        }
    }
}
