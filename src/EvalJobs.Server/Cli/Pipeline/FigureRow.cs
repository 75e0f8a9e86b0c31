using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>A row of the table of figures, the same in a terminal and in a pull request.</summary>
/// <param name="Label">The name of the figure.</param>
/// <param name="Cell">Returns its value for a run.</param>
/// <param name="Change">Returns the change of the value from the second run to the first; null when there is none.</param>
internal sealed record FigureRow(string Label, Func<RunFigures, string> Cell, Func<RunFigures, RunFigures, string>? Change = null)
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<FigureRow> All { get; } =
    [
        new("Passed", run => run.Status == RunStatus.Completed ? $"{run.PassedCount} of {run.CaseCount}" : StoredWord.Of(run.Status)),
        new("Pass rate", run => run.Status == RunStatus.Completed ? CommandContext.Percent(run.PassRate) : "–"),
        new("95 % interval", run => run.Interval is { } interval ? $"{CommandContext.Percent(interval.Low)} to {CommandContext.Percent(interval.High)}" : "–"),
        new("Errored, unscored", run => $"{run.ErroredCount}, {run.UnscoredCount}"),
        new("p95", run => run.P95Ms is { } milliseconds ? $"{milliseconds} ms" : "–", (run, baseline) => Ratio(run.P95Ms, baseline.P95Ms)),
        new("Tokens in, out", run => $"{Figure(run.InputTokens)}, {Figure(run.OutputTokens)}"),
        new("Cost", run => run.Cost is { } cost ? $"{cost:0.######}" : "–", (run, baseline) => Ratio(run.Cost, baseline.Cost)),
    ];

    /// <returns>The value of a run, with its change against the baseline.</returns>
    public string Of(RunFigures run, RunFigures? baseline) =>
        baseline is not null && Change?.Invoke(run, baseline) is { Length: > 0 } change ? $"{Cell(run)} ({change})" : Cell(run);

    private static string Figure(long? value) => value is { } known ? $"{known}" : "–";

    private static string Ratio(double? now, double? before) =>
        now is { } value && before is > 0 and var old ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(value - old) / old:+0 %;-0 %;±0 %}") : "";
}
