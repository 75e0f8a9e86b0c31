using EvalJobs.Domain;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>What the preview of a file of test cases found.</summary>
/// <param name="Findings">Columns or fields, which of them were read as what, and the errors.</param>
/// <param name="Moved">Whose form the file has, and what of it cannot be moved.</param>
internal sealed record FilePreview(ImportFindings Findings, MoveReport Moved)
{
    /// <summary>What the file says of the suite itself; all null where it says nothing or could not be read.</summary>
    public SuiteSettings Settings { get; init; } = new();

    /// <summary>The first cases without an error, as they would be stored.</summary>
    public IReadOnlyList<TestCase> Cases { get; init; } = [];

    /// <summary>Cases without an error, as far as was read.</summary>
    public int CaseCount { get; init; }

    /// <summary>Whether the preview came to the file's end, or to <see cref="End"/>.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>The error after which nothing more can be read; null when there was none.</summary>
    public InvalidInputException? End { get; init; }

    /// <summary>All errors found, in the file's order.</summary>
    public IReadOnlyList<InvalidInputException> Problems => End is null ? Findings.Problems : [.. Findings.Problems, End];
}

/// <summary>How much of a file a preview reads. Whichever limit is met first ends the preview; at least one case is read.</summary>
/// <param name="ReturnedCases">Cases returned at most.</param>
/// <param name="Cases">Cases read at most.</param>
/// <param name="Characters">Characters of the cases read, about.</param>
/// <param name="Time">How long; one case more may be read, which takes some seconds at most.</param>
internal sealed record PreviewLimits(int ReturnedCases, int Cases, long Characters, TimeSpan Time)
{
    /// <summary>The head of a file: five cases to see, a thousand to check.</summary>
    public static PreviewLimits Head { get; } = new(5, 1_000, 4_000_000, TimeSpan.FromSeconds(5));

    /// <summary>To the end, for all errors of a file that was rejected.</summary>
    public static PreviewLimits Whole { get; } = new(5, int.MaxValue, long.MaxValue, TimeSpan.FromSeconds(20));
}
