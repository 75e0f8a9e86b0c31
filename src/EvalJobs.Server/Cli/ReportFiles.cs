using System.CommandLine;
using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Pipeline;

namespace EvalJobs.Server.Cli;

/// <summary>The options of a command that writes its report to files, for build servers and pull requests.</summary>
internal sealed class ReportFiles
{
    private const int RowsPerPage = 200;

    private readonly Option<FileInfo?> _junit = new("--junit") { Description = "Write every case as JUnit XML.", HelpName = "file" };
    private readonly Option<FileInfo?> _markdown = new("--markdown") { Description = "Write a summary in Markdown, for a pull request.", HelpName = "file" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_junit);
        command.Add(_markdown);
    }

    /// <summary>Writes the files asked for. Each appears when it is whole.</summary>
    public async Task WriteAsync(ParseResult parsed, CommandContext context, PipelineReport report)
    {
        if (parsed.GetValue(_markdown) is { } markdown)
        {
            await ExportOutput.WriteWholeAsync(markdown.FullName, async target =>
                await target.WriteAsync(Encoding.UTF8.GetBytes(ReportMarkdown.Write(report, serverUrl: null)), context.CancellationToken));
        }

        if (parsed.GetValue(_junit) is { } junit)
        {
            await ExportOutput.WriteWholeAsync(junit.FullName, target =>
                JunitExport.WriteAsync(report.Title, TestsAsync(context, report), target, context.CancellationToken));
        }
    }

    private static async IAsyncEnumerable<JunitTest> TestsAsync(CommandContext context, PipelineReport report)
    {
        yield return new JunitTest("gate", report.Title, 0, report.Verdict == PipelineVerdict.Pass
            ? null
            : new JunitOutcome(report.Verdict == PipelineVerdict.Undecided, StoredWord.Of(report.Verdict), report.Reason, ""));
        foreach (var suite in report.Suites)
        {
            var runs = context.Get<EvaluationRunRepository>();
            var run = await runs.GetAsync(suite.Run.RunId, context.CancellationToken);
            for (var page = await runs.ListResultsAsync(run, null, 0, RowsPerPage, context.CancellationToken); page.Count > 0;
                 page = await runs.ListResultsAsync(run, null, page[^1].Ordinal, RowsPerPage, context.CancellationToken))
            {
                foreach (var row in page)
                    yield return JunitTests.Of(row, suite.Run.SuiteName);
            }
        }
    }
}
