using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>How a file is read as test cases.</summary>
public sealed record TestCaseReadOptions
{
    /// <summary>Where each part of a case is found; null means the default names (see docs/guide/importing.md).</summary>
    public FieldMapping? Mapping { get; init; }

    /// <summary>JSON and YAML: the property that contains the cases, such as <c>data.cases</c>; null means the file is the array.</summary>
    public string? Root { get; init; }

    /// <summary>The scoring of cases without their own; null means <see cref="ScoringSpec.Default"/>.</summary>
    public ScoringSpec? DefaultScoring { get; init; }

    /// <summary>
    /// Called with every case's scoring and expected output. An <see cref="InvalidInputException"/> it throws is reported with the
    /// case's line; null accepts any scoring.
    /// </summary>
    public Action<ScoringSpec, string?>? ValidateScoring { get; init; }

    /// <summary>How the file of another tool is read; null detects the tool and uses the defaults.</summary>
    internal ConversionOptions? Conversion { get; init; }

    /// <summary>The form of a CSV file; null detects it and reads the first row as the header.</summary>
    internal CsvForm? Csv { get; init; }

    /// <summary>Collects the errors; null ends the reading at the first error.</summary>
    internal ImportFindings? Findings { get; init; }
}
