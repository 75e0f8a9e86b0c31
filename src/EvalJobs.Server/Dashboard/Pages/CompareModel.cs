using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What the comparison of runs shows.</summary>
internal sealed record CompareModel
{
    /// <summary>The runs, the baseline first.</summary>
    public required IReadOnlyList<ComparedRun> Runs { get; init; }

    /// <summary>Where the genomes of their versions differ.</summary>
    public required IReadOnlyList<GenomeDifference> Genome { get; init; }

    /// <summary>Which cases are shown.</summary>
    public required CompareFilter Filter { get; init; }

    /// <summary>The text that keys and titles must contain; null means any.</summary>
    public required string? Search { get; init; }

    /// <summary>Each filter with the number of cases that it shows.</summary>
    public required IReadOnlyList<(CompareFilter Filter, int Count)> Counts { get; init; }

    /// <summary>Cases that match filter and search.</summary>
    public required int MatchCount { get; init; }

    /// <summary>The page shown, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>Pages there are, 1 at least.</summary>
    public required int PageCount { get; init; }

    /// <summary>The cases of this page.</summary>
    public required IReadOnlyList<MatrixCase> Cases { get; init; }

    /// <summary>The beginnings of the replies of each run, by case.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<long, CaseReply>> Replies { get; init; }

    /// <summary>The list in which the runs were selected, with the selection; null if the address names none.</summary>
    public required string? Back { get; init; }

    /// <summary>Whether a run has more cases than are compared.</summary>
    public required bool IsCut { get; init; }
}

/// <summary>One run of a comparison.</summary>
/// <param name="Run">The run.</param>
/// <param name="Row">The run with the names of what it belongs to.</param>
/// <param name="ResultCount">Cases it has a result of.</param>
/// <param name="Percentile95">The 95th percentile of its answers' times, milliseconds.</param>
/// <param name="AgainstBaseline">How it compares with the baseline; null for the baseline itself.</param>
internal sealed record ComparedRun(EvaluationRun Run, RunRow Row, int ResultCount, long? Percentile95, RunComparison? AgainstBaseline);

/// <summary>One case of a comparison with the replies.</summary>
/// <param name="Runs">The runs, the baseline first.</param>
/// <param name="Case">The case.</param>
/// <param name="Text">What was asked and expected, by the first run that has the case.</param>
/// <param name="Replies">The beginnings of the replies of each run, by case.</param>
/// <param name="PreviewLength">Characters kept of each.</param>
internal sealed record CompareCaseModel(
    IReadOnlyList<ComparedRun> Runs, MatrixCase Case, CaseText Text, IReadOnlyList<IReadOnlyDictionary<long, CaseReply>> Replies, int PreviewLength)
{
    /// <returns>The reply of a run; null when it has none.</returns>
    public CaseReply? Reply(int run) => Case.Outcomes[run] is { } outcome ? Replies[run].GetValueOrDefault(outcome.TestCaseId) : null;
}
