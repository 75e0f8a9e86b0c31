using System.Runtime.CompilerServices;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The result of one suite: the figures of a run, and the changes against a baseline.</summary>
internal sealed record SuiteReport
{
    public const int ListedCases = 50;
    private const int ComparedCases = 1000;
    private const int RowsPerPage = 200;

    /// <summary>The run.</summary>
    public required RunFigures Run { get; init; }

    /// <summary>The run it is compared with; null when there is none.</summary>
    public RunFigures? Baseline { get; init; }

    /// <summary>The changes; null unless both runs completed. Newly failing cases come first; not all are listed if there are many.</summary>
    public RunComparison? Comparison { get; init; }

    /// <summary>The first cases that did not pass, by ordinal.</summary>
    public IReadOnlyList<CaseResultRow> NotPassed { get; init; } = [];

    /// <summary>Reads every result of the run, by ordinal.</summary>
    public required Func<IAsyncEnumerable<CaseResultRow>> Results { get; init; }

    /// <summary>Newly failing cases against the baseline, as far as they are listed.</summary>
    public IReadOnlyList<ChangedCase> NewlyFailing => [.. (Comparison?.Changed ?? []).Where(each => each.Verdict != CaseVerdict.Passed)];

    /// <summary>Reads the outcome of a run that has ended.</summary>
    /// <param name="runs">The repository of runs.</param>
    /// <param name="comparisons">Compares them.</param>
    /// <param name="run">The run, and the evaluated version in the user's words.</param>
    /// <param name="baseline">The run it is compared with; null when there is none.</param>
    /// <param name="suiteName">The name of their suite.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SuiteReport> ReadAsync(
        EvaluationRunRepository runs, RunComparisonRepository comparisons, NamedRun run, NamedRun? baseline, string suiteName, CancellationToken cancellationToken) => new()
    {
        Run = await RunFigures.ReadAsync(runs, run.Run, run.Name, suiteName, cancellationToken),
        Baseline = baseline is null ? null : await RunFigures.ReadAsync(runs, baseline.Run, baseline.Name, suiteName, cancellationToken),
        Comparison = run.Run.Status == RunStatus.Completed && baseline?.Run.Status == RunStatus.Completed
            ? await comparisons.CompareAsync(run.Run, baseline.Run, ComparedCases, cancellationToken)
            : null,
        NotPassed = await ListNotPassedAsync(runs, run.Run, cancellationToken),
        Results = () => ResultsAsync(runs, run.Run, cancellationToken),
    };

    private static async IAsyncEnumerable<CaseResultRow> ResultsAsync(EvaluationRunRepository runs, EvaluationRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var page = await runs.ListResultsAsync(run, null, 0, RowsPerPage, cancellationToken); page.Count > 0;
             page = await runs.ListResultsAsync(run, null, page[^1].Ordinal, RowsPerPage, cancellationToken))
        {
            foreach (var row in page)
                yield return row;
        }
    }

    private static async Task<IReadOnlyList<CaseResultRow>> ListNotPassedAsync(EvaluationRunRepository runs, EvaluationRun run, CancellationToken cancellationToken)
    {
        var rows = new List<CaseResultRow>();
        foreach (var verdict in (CaseVerdict[])[CaseVerdict.Failed, CaseVerdict.Errored, CaseVerdict.Unscored])
            rows.AddRange(await runs.ListResultsAsync(run, verdict, 0, ListedCases, cancellationToken));
        return [.. rows.OrderBy(row => row.Ordinal).Take(ListedCases)];
    }
}

/// <summary>A run, and its version in the user's words: a genome's file or a version's label.</summary>
internal sealed record NamedRun(EvaluationRun Run, string Name);
