using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>What the preview of a file of test cases found.</summary>
/// <param name="Findings">The columns or fields, the part of a case that each was read as, and the errors.</param>
/// <param name="Conversion">The format of the file, and what cannot be converted.</param>
internal sealed record FilePreview(ImportFindings Findings, ConversionReport Conversion)
{
    /// <summary>The suite's settings in the file; all null if it has none or could not be read.</summary>
    public SuiteSettings Settings { get; init; } = new();

    /// <summary>The first cases without an error, as they would be stored.</summary>
    public IReadOnlyList<TestCase> Cases { get; init; } = [];

    /// <summary>The number of cases without an error in the part that was read.</summary>
    public int CaseCount { get; init; }

    /// <summary>Whether the preview came to the file's end, or to <see cref="End"/>.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>The error after which nothing more can be read; null when there was none.</summary>
    public InvalidInputException? End { get; init; }

    /// <summary>All errors found, in the file's order.</summary>
    public IReadOnlyList<InvalidInputException> Problems => End is null ? Findings.Problems : [.. Findings.Problems, End];
}

/// <summary>How much of a file a preview reads. The limit that is reached first ends the preview. At least one case is read.</summary>
/// <param name="ReturnedCases">Cases returned at most.</param>
/// <param name="Cases">Cases read at most.</param>
/// <param name="Characters">Characters of the cases read, about.</param>
/// <param name="Time">The longest time. One more case may be read after it, which takes some seconds at most.</param>
internal sealed record PreviewLimits(int ReturnedCases, int Cases, long Characters, TimeSpan Time)
{
    /// <summary>The head of a file: five cases are returned, a thousand are checked.</summary>
    public static PreviewLimits Head { get; } = new(5, 1_000, 4_000_000, TimeSpan.FromSeconds(5));

    /// <summary>To the end, for all errors of a file that was rejected.</summary>
    public static PreviewLimits Whole { get; } = new(5, int.MaxValue, long.MaxValue, TimeSpan.FromSeconds(20));
}
