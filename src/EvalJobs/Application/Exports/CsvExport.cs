using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace EvalJobs.Application;

/// <summary>Writes rows as CSV by RFC 4180.</summary>
internal static class CsvExport
{
    private static readonly CsvConfiguration Form = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",

        // The library looks for CR LF only; a reader ends a row at CR or at LF.
        ShouldQuote = cell => cell.Field is { Length: > 0 } text && (text.AsSpan().ContainsAny(",\"\r\n") || text[0] == ' ' || text[^1] == ' '),
    };

    /// <param name="rows">The rows, read as they are written.</param>
    /// <param name="columns">The columns, in order.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    public static async Task WriteAsync<T>(IAsyncEnumerable<T> rows, IReadOnlyList<ExportColumn<T>> columns, Stream target, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(target, new UTF8Encoding(false), bufferSize: 65_536, leaveOpen: true);
        await using var csv = new CsvWriter(text, Form, leaveOpen: true);
        foreach (var column in columns)
            csv.WriteField(column.Name);
        await csv.NextRecordAsync();

        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            foreach (var column in columns)
                csv.WriteField(Cell(column.Value(row)));
            await csv.NextRecordAsync();
        }

        await csv.FlushAsync();
    }

    /// <returns>The text of a cell. Only texts are guarded: a number may begin with a minus.</returns>
    public static string Cell(object? value) => value switch
    {
        null => "",
        string text => Guard(text),
        DateTimeOffset at => at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Guard(value.ToString() ?? ""),
    };

    /// <summary>A spreadsheet treats a text that begins with one of these as a formula, which could read or send other cells.</summary>
    private static string Guard(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? $"'{text}" : text;
}
