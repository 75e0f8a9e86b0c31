using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Cli;

namespace EvalJobs.Server.Pipeline;

/// <summary>What <c>eval</c> found: the figures of a run, and what changed against a baseline.</summary>
internal sealed record EvalReport
{
    private const int ShownCases = 20;

    /// <summary>The verdict.</summary>
    public required PipelineVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The run.</summary>
    public required RunFigures Run { get; init; }

    /// <summary>The run it is compared with; null when no baseline was given.</summary>
    public RunFigures? Baseline { get; init; }

    /// <summary>What changed; null unless both runs completed.</summary>
    public RunComparison? Comparison { get; init; }

    /// <summary>The first cases that did not pass.</summary>
    public IReadOnlyList<CaseResultRow> NotPassed { get; init; } = [];

    /// <returns>The verdict on a run by its pass threshold, and the reason.</returns>
    public static (PipelineVerdict Verdict, string Reason) Decide(RunFigures run)
    {
        if (run.Status != RunStatus.Completed)
            return (PipelineVerdict.Undecided, $"The run is {StoredWord.Of(run.Status)}. {run.Error ?? "Nothing was decided."}");

        var verdict = PassRule.Decide(run.PassedCount, run.CaseCount, run.PassThreshold) == EvalStatus.Pass ? PipelineVerdict.Pass : PipelineVerdict.Fail;
        return (verdict, $"{run.PassedCount} of {run.CaseCount} cases passed ({CommandContext.Percent(run.PassRate)}); {CommandContext.Percent(run.PassThreshold)} is required.");
    }

    /// <returns>The report for programs.</returns>
    public object Json() => new
    {
        Verdict,
        Reason,
        Run,
        Baseline,
        Comparison = Comparison is null ? null : new { Comparison.SharedCount, Comparison.NewlyFailingCount, Comparison.NewlyPassingCount, Comparison.P, Comparison.Changed },
        NotPassed,
    };

    /// <summary>Writes the report for people.</summary>
    public void Show()
    {
        RunFigures[] runs = Baseline is null ? [Run] : [Run, Baseline];
        CommandContext.Table(["", .. runs.Select(run => run.Name)], Rows().Select(row => (string[])[row.Label, .. runs.Select(row.Cell)]));
        ShowNotPassed();
        ShowComparison();
        CommandContext.Line($"{StoredWord.Of(Verdict)}: {Reason}");
    }

    /// <summary>The lines of the table of figures.</summary>
    private static IEnumerable<(string Label, Func<RunFigures, string> Cell)> Rows() =>
    [
        ("Passed", run => run.Status == RunStatus.Completed ? $"{run.PassedCount} of {run.CaseCount}" : StoredWord.Of(run.Status)),
        ("Pass rate", run => run.Status == RunStatus.Completed ? CommandContext.Percent(run.PassRate) : "–"),
        ("95 % interval", run => run.Interval is { } interval ? $"{CommandContext.Percent(interval.Low)} to {CommandContext.Percent(interval.High)}" : "–"),
        ("Errored, unscored", run => $"{run.ErroredCount}, {run.UnscoredCount}"),
        ("p95", run => run.P95Ms is { } milliseconds ? $"{milliseconds} ms" : "–"),
        ("Tokens in, out", run => $"{Figure(run.InputTokens)}, {Figure(run.OutputTokens)}"),
        ("Cost", run => run.Cost is { } cost ? $"{cost:0.######}" : "–"),
    ];

    private void ShowNotPassed()
    {
        if (NotPassed.Count == 0)
            return;
        CommandContext.Line($"Not passed by {Run.Name}:");
        CommandContext.Table(
            ["Case", "Verdict", "Expected", "Reply", "Remark"],
            NotPassed.Take(ShownCases).Select(row => new[]
            {
                row.CaseKey, StoredWord.Of(row.Verdict), Short(row.ExpectedOutput, 48), Short(row.Output, 48), Short(row.Error, 120),
            }));
        var hidden = Run.CaseCount - Run.PassedCount - Math.Min(NotPassed.Count, ShownCases);
        if (hidden > 0)
            CommandContext.Line($"{hidden} more did not pass. With --database the run is kept, and 'run show {Run.RunId}' lists every case.");
    }

    private void ShowComparison()
    {
        if (Baseline is null)
            return;
        if (Comparison is null)
        {
            CommandContext.Line($"Not compared with {Baseline.Name}: its run is {StoredWord.Of(Baseline.Status)}. {Baseline.Error}".TrimEnd());
            return;
        }

        var failing = Comparison.Changed.Where(each => each.Verdict != CaseVerdict.Passed).Select(each => each.CaseKey).ToList();
        CommandContext.Line($"Against {Baseline.Name}, on {Comparison.SharedCount} cases: {Comparison.NewlyFailingCount} newly failing, {Comparison.NewlyPassingCount} newly passing (McNemar's exact p = {Comparison.P:0.####}).");
        if (failing.Count > 0)
            CommandContext.Line($"Newly failing: {string.Join(", ", failing.Take(ShownCases))}{(Comparison.NewlyFailingCount > ShownCases ? ", …" : "")}");
    }

    private static string Figure(long? value) => value is { } known ? $"{known}" : "–";

    private static string Short(string? text, int length)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length <= length ? line : line[..(length - 1)] + "…";
    }
}
