using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>How exported data are written. docs/guide/exports.md lists the columns.</summary>
internal enum ExportFormat
{
    /// <summary>RFC 4180 in UTF-8: a header, commas, CR LF. Texts that a spreadsheet would run as a formula get an apostrophe in front.</summary>
    Csv,

    /// <summary>One JSON object a line, whole and unchanged.</summary>
    Jsonl,

    /// <summary>JUnit XML, which build servers show as test results.</summary>
    Junit,

    /// <summary>One JSON object: a suite as <c>suite import</c> reads it.</summary>
    Json,
}

/// <summary>The properties of a format.</summary>
internal static class ExportFormats
{
    /// <returns>The format of a word such as <c>csv</c>, in any case.</returns>
    /// <param name="word">The word.</param>
    /// <param name="allowed">The formats there are for what is exported.</param>
    /// <exception cref="InvalidInputException">Another word; the message lists the right ones.</exception>
    public static ExportFormat Parse(string word, params ExportFormat[] allowed)
    {
        foreach (var format in allowed)
        {
            if (string.Equals(Name(format), word, StringComparison.OrdinalIgnoreCase))
                return format;
        }

        throw new InvalidInputException($"Unknown format '{word}'; expected {string.Join(", ", allowed.Select(Name))}.");
    }

    /// <returns>The word of a format, such as <c>csv</c>.</returns>
    public static string Name(ExportFormat format) => format.ToString().ToLowerInvariant();

    /// <returns>The media type of a format, with its character set.</returns>
    public static string ContentType(ExportFormat format) => format switch
    {
        ExportFormat.Csv => "text/csv; charset=utf-8; header=present",
        ExportFormat.Jsonl => "application/jsonl; charset=utf-8",
        ExportFormat.Junit => "application/xml; charset=utf-8",
        _ => "application/json; charset=utf-8",
    };

    /// <returns>The extension of a file of that format, with its dot.</returns>
    public static string Extension(ExportFormat format) => format == ExportFormat.Junit ? ".xml" : $".{Name(format)}";
}
