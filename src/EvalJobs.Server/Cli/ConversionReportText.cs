using EvalJobs.Import;

namespace EvalJobs.Server.Cli;

/// <summary>Writes the report on a converted file: the cases that were left out, and notes.</summary>
internal static class ConversionReportText
{
    /// <returns>The report for programs; null for a file in EvalJobs' own form of which everything was read.</returns>
    public static object? Json(ConversionReport report) => report is { Format: SuiteFormat.EvalJobs, Notes.Count: 0 }
        ? null
        : new { format = SuiteFormats.NameOf(report.Format), report.LeftOut, report.Notes };

    /// <summary>Writes the report to standard output.</summary>
    public static void Show(ConversionReport report)
    {
        foreach (var line in Lines(report))
            CommandContext.Line(line);
    }

    /// <summary>Writes the report to standard error, when standard output has another answer.</summary>
    public static async Task ShowOnErrorAsync(ConversionReport report)
    {
        foreach (var line in Lines(report))
            await CommandContext.ErrorLineAsync(line);
    }

    private static IEnumerable<string> Lines(ConversionReport report)
    {
        if (report.Format != SuiteFormat.EvalJobs)
            yield return $"Read as {SuiteFormats.NameOf(report.Format)}.";
        foreach (var note in report.Notes)
            yield return $"Note: {note}";
        if (report.LeftOut.Count > 0)
            yield return $"Left out, {CommandContext.Many(report.LeftOut.Count, "case")}:";
        foreach (var finding in report.LeftOut)
            yield return $"  {finding}";
    }
}
