using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>A place in a file, for error messages.</summary>
/// <param name="File">The file's name; null for a stream without a name.</param>
/// <param name="Line">From 1; 0 means the file as a whole.</param>
internal readonly record struct FilePlace(string? File, long Line = 0)
{
    public FilePlace At(long line) => this with { Line = line };

    /// <returns>The error to throw, such as <c>cases.jsonl, line 3, field 'weight': must be above 0.</c></returns>
    public InvalidInputException Error(string problem, string? field = null, Exception? inner = null, Remedy? remedy = null)
    {
        string?[] parts =
        [
            File,
            Line > 0 ? $"{(File is null ? "Line" : "line")} {Line.ToString(CultureInfo.InvariantCulture)}" : null,
            field is null ? null : $"{(File is null && Line == 0 ? "Field" : "field")} '{field}'",
        ];
        var where = string.Join(", ", parts.Where(part => part is not null));
        var message = where.Length == 0 ? $"{char.ToUpperInvariant(problem[0])}{problem[1..]}" : $"{where}: {problem}";
        return new InvalidInputException(message, inner) { Remedies = remedy is null ? (inner as NotAllowedException)?.Remedies ?? [] : [remedy] };
    }

    /// <summary>The error for JSON that cannot be read.</summary>
    /// <param name="error">The parser's exception.</param>
    /// <param name="json">The text that it read.</param>
    public InvalidInputException JsonError(JsonException error, ReadOnlySpan<byte> json) => Error($"{JsonErrorText.Of(json, saysLine: false)}.", inner: error);
}
