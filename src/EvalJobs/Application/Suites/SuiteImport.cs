using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>A file of test cases to import, and the settings given with it. Null takes the file's setting, or else the suite's.</summary>
public sealed record SuiteImport
{
    /// <summary>The tenant that owns the suite.</summary>
    public required long TenantId { get; init; }

    /// <summary>The file's name, for messages; its extension tells the format.</summary>
    public required string FileName { get; init; }

    /// <summary>Opens the file's content at its start. Called twice: for the suite's settings, and for the cases.</summary>
    public required Func<Stream> Open { get; init; }

    /// <summary>The suite's name; null takes the file's.</summary>
    public string? Name { get; init; }

    /// <summary>The revision the import was made from, 0 for a suite that must not exist yet; null for any revision.</summary>
    public int? BasedOn { get; init; }

    /// <summary>What the suite is for.</summary>
    public string? Description { get; init; }

    /// <summary>Pass rate from which a version passes, 0 to 1.</summary>
    public double? PassThreshold { get; init; }

    /// <summary>Whether versions entering TESTING are evaluated with it. A tenant's first suite is its default one unless this says otherwise.</summary>
    public bool? IsDefault { get; init; }

    /// <summary>Tags for finding the suite.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>JSON and YAML: the path of the array of cases inside the file.</summary>
    public string? Root { get; init; }

    /// <summary>Where each part of a case is found; null means the default names (see docs/guide/importing.md).</summary>
    public FieldMapping? Mapping { get; init; }

    /// <summary>The scoring of cases without their own, if the file has no default; null means <see cref="ScoringSpec.Default"/>.</summary>
    public ScoringSpec? DefaultScoring { get; init; }

    /// <summary>How the file of another tool is read. Its report says what was left out.</summary>
    internal ConversionOptions Conversion { get; init; } = new();

    /// <summary>The form of a CSV file; null detects it and reads the first row as the header.</summary>
    internal CsvForm? Csv { get; init; }

    /// <summary>Receives the number of cases read so far; null for none.</summary>
    public Action<int>? CaseRead { get; init; }

    /// <returns>Opens a file on this disk, for <see cref="Open"/>. Its errors name the file.</returns>
    /// <param name="path">The file.</param>
    public static Func<Stream> FileOpener(string path) => () => ImportFile.Open(path);
}
