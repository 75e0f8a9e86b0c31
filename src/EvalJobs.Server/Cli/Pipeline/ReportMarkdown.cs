using System.Globalization;
using System.Text;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Writes a report as Markdown for a pull request: the verdict, then the cases with newly failing ones first, and collapsed details.</summary>
/// <remarks>Texts of agents and suites are written as encoded code, so that they cannot create a heading, link, image or mention.</remarks>
internal static class ReportMarkdown
{
    private const int ShownCases = 20;
    private const int MaxText = 300;
    private const string Marks = "&<>\"'|*_`[]()~#@!\\{}";

    /// <param name="report">The report.</param>
    public static string Write(PipelineReport report)
    {
        var text = new StringBuilder();
        var mark = report.Verdict switch { PipelineVerdict.Pass => "✅", PipelineVerdict.Fail => "❌", _ => "⚠️" };
        text.Append(CultureInfo.InvariantCulture, $"## {mark} {StoredWord.Of(report.Verdict)}: {Code(report.Title)}\n\n{Plain(report.Reason)}\n\n");
        foreach (var suite in report.Suites)
            AppendNewlyFailing(text, suite);
        AppendRequirements(text, report.Requirements);
        foreach (var suite in report.Suites)
        {
            AppendFigures(text, suite, report.ServerUrl);
            AppendNotPassed(text, suite);
        }

        return text.ToString();
    }

    private static void AppendNewlyFailing(StringBuilder text, SuiteReport suite)
    {
        if (suite is not { Baseline: { } baseline, Comparison: { } comparison })
            return;
        text.Append(CultureInfo.InvariantCulture, $"**{comparison.NewlyFailingCount} newly failing, {comparison.NewlyPassingCount} newly passing** against {Code(baseline.Name)} on suite {Code(suite.Run.SuiteName)} ({CommandContext.Many(comparison.SharedCount, "case")}, McNemar's exact p = {comparison.P:0.####})\n\n");
        if (suite.NewlyFailing.Count == 0)
            return;

        text.Append("| Newly failing | Now | Before |\n| --- | --- | --- |\n");
        foreach (var each in suite.NewlyFailing.Take(ShownCases))
            text.Append(CultureInfo.InvariantCulture, $"| {Code(each.CaseKey)} {Code(each.Name)} | {StoredWord.Of(each.Verdict)} | {StoredWord.Of(each.BaselineVerdict)} |\n");
        if (comparison.NewlyFailingCount > ShownCases)
            text.Append(CultureInfo.InvariantCulture, $"\n… and {comparison.NewlyFailingCount - ShownCases} more\n");
        text.Append('\n');
    }

    private static void AppendRequirements(StringBuilder text, IReadOnlyList<RequirementLine> requirements)
    {
        if (requirements.Count == 0)
            return;
        text.Append("| Requirement | Standing | Passed | Rate | 95 % interval |\n| --- | --- | --- | --- | --- |\n");
        foreach (var line in requirements)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Plain(line.Name)} | {StoredWord.Of(line.Verdict)} | {line.Passed}/{line.Cases} | {CommandContext.Percent(line.Rate)} | {CommandContext.Percent(line.Interval.Low)} to {CommandContext.Percent(line.Interval.High)} |\n");
        }

        text.Append('\n');
    }

    private static void AppendFigures(StringBuilder text, SuiteReport suite, string? serverUrl)
    {
        var link = serverUrl is null ? "" : $" ([run {suite.Run.RunId}]({serverUrl.TrimEnd('/')}/hangfire/evaluations/runs/{suite.Run.RunId}))";
        text.Append(CultureInfo.InvariantCulture, $"<details><summary>Figures of suite {Code(suite.Run.SuiteName)}</summary>\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| | {Code(suite.Run.Name)}{link} |{(suite.Baseline is { } named ? $" {Code(named.Name)} |" : "")}\n| --- | --- |{(suite.Baseline is null ? "" : " --- |")}\n");
        foreach (var row in FigureRow.All)
            text.Append(CultureInfo.InvariantCulture, $"| {row.Label} | {row.Of(suite.Run, suite.Baseline)} |{(suite.Baseline is { } baseline ? $" {row.Cell(baseline)} |" : "")}\n");
        text.Append("\n</details>\n\n");
    }

    private static void AppendNotPassed(StringBuilder text, SuiteReport suite)
    {
        if (suite.NotPassed.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"<details><summary>Not passed: {suite.Run.CaseCount - suite.Run.PassedCount} of {suite.Run.CaseCount} cases</summary>\n\n| Case | Verdict | Expected | Reply | Remark |\n| --- | --- | --- | --- | --- |\n");
        foreach (var row in suite.NotPassed.Take(ShownCases))
            text.Append(CultureInfo.InvariantCulture, $"| {Code(row.CaseKey)} | {StoredWord.Of(row.Verdict)} | {Code(row.ExpectedOutput)} | {Code(row.Output)} | {Code(row.Error)} |\n");
        var hidden = suite.Run.CaseCount - suite.Run.PassedCount - Math.Min(suite.NotPassed.Count, ShownCases);
        if (hidden > 0)
            text.Append(CultureInfo.InvariantCulture, $"\n… and {hidden} more\n");
        text.Append("\n</details>\n\n");
    }

    /// <returns>A text as code, which Markdown does not interpret; nothing for an empty text.</returns>
    private static string Code(string? text) => string.IsNullOrWhiteSpace(text) ? "" : $"<code>{Encode(text)}</code>";

    /// <returns>A sentence of this program, written as code if it quotes a text that could be a mention or a link.</returns>
    private static string Plain(string text) =>
        text.Contains('@', StringComparison.Ordinal) || text.Contains("//", StringComparison.Ordinal) ? Code(text) : Encode(text);

    private static string Encode(string text)
    {
        var line = TerminalText.Escape(text).ReplaceLineEndings(" ").Trim();
        if (line.Length > MaxText)
            line = $"{line[..(char.IsHighSurrogate(line[MaxText - 1]) ? MaxText - 1 : MaxText)]}…";

        // A character with a meaning in Markdown or HTML is replaced by its numeric reference, which means only the character.
        var encoded = new StringBuilder(line.Length);
        foreach (var c in line)
        {
            if (Marks.Contains(c, StringComparison.Ordinal))
                encoded.Append(CultureInfo.InvariantCulture, $"&#{(int)c};");
            else
                encoded.Append(c);
        }

        return encoded.ToString();
    }
}
