using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Reads the rows of a CSV file.</summary>
internal static class CsvRecords
{
    public static async IAsyncEnumerable<CaseRecord> ReadAsync(
        ImportStream stream, FilePlace file, TestCaseReadOptions options, Action<FilePlace, CsvHeader> validateColumns,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var decoded = new StreamReader(
            stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, bufferSize: 16_384, leaveOpen: true);
        var nextLine = 1L;
        stream.Bound(nextLine);
        var (delimiter, text) = options.Csv?.Separator is { } given ? (given, decoded) : await CsvDialect.DetectAsync(decoded, cancellationToken);
        if (options.Findings is { } findings)
            findings.Separator = delimiter;

        var hasBadQuote = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            // Blank lines are skipped below, where they are counted.
            IgnoreBlankLines = false,
            BadDataFound = _ => hasBadQuote = true,
        };

        using var parser = new CsvParser(text, configuration, leaveOpen: true);

        CsvHeader? header = null;
        while (await parser.ReadAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();

            var place = file.At(nextLine);
            nextLine += LineEnds(parser.RawRecord);
            stream.Bound(nextLine);

            var cells = parser.Record!;
            if (hasBadQuote)
            {
                throw place.Error(
                    "a double quote is inside an unquoted cell or after a quoted one, or is never closed; write \"\" for a quote.");
            }
            if (Array.TrueForAll(cells, string.IsNullOrWhiteSpace))
                continue; // a blank line, or an empty row of a spreadsheet

            if (header is null)
            {
                header = options.Csv is { HasHeader: false } ? CsvHeader.Numbered(cells.Length) : new CsvHeader(Array.ConvertAll(cells, cell => cell.Trim()), place);
                validateColumns(place, header);
                if (!header.IsNumbered)
                    continue;
            }

            if (cells.Length == header.Count)
            {
                yield return new CsvCaseRecord(place, header, cells);
                continue;
            }

            var error = place.Error($"the row has {cells.Length} {Plural.Of(cells.Length, "cell")}, the {(header.IsNumbered ? "first row" : "header")} {header.Count}.");
            (options.Findings ?? throw error).Add(error);
        }
    }

    private static int LineEnds(string text)
    {
        var carriageReturns = text.AsSpan().Count('\r');
        var pairs = text.AsSpan().Count("\r\n");
        return text.AsSpan().Count('\n') + carriageReturns - pairs;
    }
}
