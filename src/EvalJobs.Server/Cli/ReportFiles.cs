using System.CommandLine;
using System.Text;
using EvalJobs.Application;
using EvalJobs.Domain;
using EvalJobs.Server.Cli.Pipeline;

namespace EvalJobs.Server.Cli;

/// <summary>The options of a command that writes its report to files, for build servers and pull requests.</summary>
internal sealed class ReportFiles
{
    private readonly Option<FileInfo?> _junit = new("--junit") { Description = "Write every case as JUnit XML.", HelpName = "file" };
    private readonly Option<FileInfo?> _markdown = new("--markdown") { Description = "Write a summary in Markdown, for a pull request.", HelpName = "file" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_junit);
        command.Add(_markdown);
    }

    /// <summary>Writes the requested files. Each file replaces an existing one only when it is complete.</summary>
    public async Task WriteAsync(ParseResult parsed, CommandContext context, PipelineReport report)
    {
        if (parsed.GetValue(_markdown) is { } markdown)
        {
            await ExportOutput.WriteWholeAsync(markdown.FullName, async target =>
                await target.WriteAsync(Encoding.UTF8.GetBytes(ReportMarkdown.Write(report)), context.CancellationToken));
        }

        if (parsed.GetValue(_junit) is { } junit)
        {
            await ExportOutput.WriteWholeAsync(junit.FullName, target =>
                JunitExport.WriteAsync(report.Title, TestsAsync(report), target, context.CancellationToken));
        }
    }

    private static async IAsyncEnumerable<JunitTest> TestsAsync(PipelineReport report)
    {
        yield return new JunitTest("gate", report.Title, 0, report.Verdict == PipelineVerdict.Pass
            ? null
            : new JunitOutcome(report.Verdict == PipelineVerdict.Undecided, StoredWord.Of(report.Verdict), report.Reason, ""));
        foreach (var suite in report.Suites)
        {
            await foreach (var row in suite.Results())
                yield return JunitTests.Of(row, suite.Run.SuiteName);
        }
    }
}
