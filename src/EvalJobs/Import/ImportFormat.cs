using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>The format of a file to import. All are UTF-8, with or without a byte order mark.</summary>
public enum ImportFormat
{
    /// <summary>One JSON object per line; blank lines are skipped. Streamed.</summary>
    Jsonl,

    /// <summary>RFC 4180: comma, double quotes, a header row; semicolons, tabs or pipes if the header has no comma. Streamed.</summary>
    Csv,

    /// <summary>A JSON array of objects, or an object that contains one. Streamed.</summary>
    Json,

    /// <summary>As JSON, in YAML 1.2 (core schema). Loaded whole, at most <see cref="ImportLimits.MaxYamlBytes"/>.</summary>
    Yaml,
}

/// <summary>The limits of an imported file.</summary>
internal static class ImportLimits
{
    /// <summary>One test case: a JSONL line, a CSV row, an item of a JSON array. 4 MiB.</summary>
    public const int MaxCaseBytes = 4 * 1024 * 1024;

    /// <summary>A whole YAML file, and its text with all aliases expanded. 16 MiB.</summary>
    public const int MaxYamlBytes = 16 * 1024 * 1024;

    /// <summary>A genome file. 1 MiB.</summary>
    public const int MaxGenomeBytes = 1024 * 1024;

    /// <summary>Characters of a case key.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>Characters of a case's name.</summary>
    public const int MaxNameLength = 400;

    /// <summary>A case's weight at most. A case that counts more than a million others is a mistake.</summary>
    public const double MaxWeight = 1e6;
}

/// <summary>Finds a file's format by its name.</summary>
internal static class ImportFormats
{
    /// <returns>The format of the extension, compared without regard to case.</returns>
    /// <exception cref="InvalidInputException">Another extension, or none; the message lists the known ones.</exception>
    public static ImportFormat FromPath(string path) => Find(path) ?? Path.GetExtension(path) switch
    {
        "" when Directory.Exists(path) => throw new InvalidInputException($"'{path}' is a folder; expected a file."),
        _ => throw new InvalidInputException(
            $"{Path.GetFileName(path)}: unknown format '{Path.GetExtension(path)}'; expected .jsonl, .ndjson, .csv, .tsv, .json, .yaml or .yml."),
    };

    /// <returns>The format of the extension, compared without regard to case; null for another extension, or none.</returns>
    public static ImportFormat? Find(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSONL" or ".NDJSON" => ImportFormat.Jsonl,
        ".CSV" or ".TSV" => ImportFormat.Csv,
        ".JSON" => ImportFormat.Json,
        ".YAML" or ".YML" => ImportFormat.Yaml,
        _ => null,
    };
}
