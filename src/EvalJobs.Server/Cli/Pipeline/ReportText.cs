using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Writes a report for a terminal: tables, the cases that did not pass, and the verdict in the last line.</summary>
internal static class ReportText
{
    private const int ShownCases = 20;

    public static void Show(PipelineReport report)
    {
        foreach (var suite in report.Suites)
            Show(suite, isOneOfSeveral: report.Suites.Count > 1);
        if (report.Requirements.Count > 0)
        {
            CommandContext.Table(
                ["Requirement", "Standing", "Passed", "Rate", "95 % interval"],
                report.Requirements.Select(line => new[]
                {
                    line.Name, StoredWord.Of(line.Verdict), $"{line.Passed}/{line.Cases}", CommandContext.Percent(line.Rate),
                    $"{CommandContext.Percent(line.Interval.Low)} to {CommandContext.Percent(line.Interval.High)}",
                }));
        }

        CommandContext.Line($"{StoredWord.Of(report.Verdict)}: {report.Reason}");
    }

    private static void Show(SuiteReport suite, bool isOneOfSeveral)
    {
        if (isOneOfSeveral)
            CommandContext.Line($"Suite {suite.Run.SuiteName}:");
        string[] names = suite.Baseline is null ? [suite.Run.Name] : [suite.Run.Name, suite.Baseline.Name];
        CommandContext.Table(
            ["", .. names],
            FigureRow.All.Select(row => suite.Baseline is { } baseline
                ? (string[])[row.Label, row.Of(suite.Run, baseline), row.Cell(baseline)]
                : [row.Label, row.Cell(suite.Run)]));
        ShowNotPassed(suite);
        ShowComparison(suite);
    }

    private static void ShowNotPassed(SuiteReport suite)
    {
        if (suite.NotPassed.Count == 0)
            return;
        CommandContext.Line($"Not passed by {suite.Run.Name}:");
        CommandContext.Table(
            ["Case", "Verdict", "Expected", "Reply", "Remark"],
            suite.NotPassed.Take(ShownCases).Select(row => new[]
            {
                row.CaseKey, StoredWord.Of(row.Verdict), Short(row.ExpectedOutput, 48), Short(row.Output, 48), Short(row.Error, 120),
            }));
        var hidden = suite.Run.CaseCount - suite.Run.PassedCount - Math.Min(suite.NotPassed.Count, ShownCases);
        if (hidden > 0)
            CommandContext.Line($"{hidden} more did not pass. In a database that is kept 'run show {suite.Run.RunId}' lists every case.");
    }

    private static void ShowComparison(SuiteReport suite)
    {
        if (suite.Baseline is not { } baseline)
            return;
        if (suite.Comparison is not { } comparison)
        {
            CommandContext.Line($"Not compared with {baseline.Name}: its run is {StoredWord.Of(baseline.Status)}. {baseline.Error}".TrimEnd());
            return;
        }

        CommandContext.Line($"Against {baseline.Name}, on {CommandContext.Many(comparison.SharedCount, "case")}: {comparison.NewlyFailingCount} newly failing, {comparison.NewlyPassingCount} newly passing (McNemar's exact p = {comparison.P:0.####}).");
        if (suite.NewlyFailing.Count > 0)
            CommandContext.Line($"Newly failing: {string.Join(", ", suite.NewlyFailing.Take(ShownCases).Select(each => each.CaseKey))}{(comparison.NewlyFailingCount > ShownCases ? ", …" : "")}");
    }

    private static string Short(string? text, int length)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length <= length ? line : line[..(length - 1)] + "…";
    }
}
