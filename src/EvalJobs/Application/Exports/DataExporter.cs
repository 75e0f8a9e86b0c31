using System.Runtime.CompilerServices;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Writes runs, results, comparisons, the audit trail and suites to a stream, a page at a time: a million rows need no more memory than a few.</summary>
/// <remarks>Used by the command line, the dashboard and the API. The caller has checked that the reader may see what is exported.</remarks>
internal sealed class DataExporter(
    RunListRepository runList, EvaluationRunRepository runs, RunComparisonRepository comparisons, ChangeRecordRepository changes, EvaluationSuiteRepository suites)
{
    private const int RowsPerPage = 500;

    /// <summary>Writes runs, newest first.</summary>
    /// <param name="filter">Which runs.</param>
    /// <param name="format">Csv, Jsonl or Junit, where a run is a test.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    /// <exception cref="InvalidInputException">There is no such format for runs.</exception>
    public Task ExportRunsAsync(RunListFilter filter, ExportFormat format, Stream target, CancellationToken cancellationToken) =>
        WriteAsync(RunsAsync(filter, cancellationToken), ExportColumns.Runs, format, target, "runs", JunitTests.Of, cancellationToken);

    /// <summary>Writes the results of a run with their cases, by ordinal.</summary>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="verdict">Only these; null means any.</param>
    /// <param name="format">Csv, Jsonl or Junit.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    /// <exception cref="InvalidInputException">There is no such format for results.</exception>
    public async Task ExportResultsAsync(EvaluationRun run, CaseVerdict? verdict, ExportFormat format, Stream target, CancellationToken cancellationToken)
    {
        var suite = await suites.GetAsync(run.SuiteId, cancellationToken);
        await WriteAsync(
            ResultsAsync(run, verdict, cancellationToken), ExportColumns.Results, format, target, suite.Name, row => JunitTests.Of(row, suite.Name), cancellationToken);
    }

    /// <summary>Writes the cases that each run shares with the baseline, with the result of each in both: one run after the other, by ordinal.</summary>
    /// <param name="compared">The runs in question, of the baseline's suite.</param>
    /// <param name="baseline">The run they are compared with.</param>
    /// <param name="format">Csv, Jsonl or Junit, where a newly failing case is a failure.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    /// <exception cref="InvalidInputException">The runs are of different suites, or there is no such format for comparisons.</exception>
    public async Task ExportComparisonAsync(IReadOnlyList<EvaluationRun> compared, EvaluationRun baseline, ExportFormat format, Stream target, CancellationToken cancellationToken)
    {
        EnsureComparable(compared, baseline);
        var suite = await suites.GetAsync(baseline.SuiteId, cancellationToken);
        await WriteAsync(
            ComparedAsync(compared, baseline, cancellationToken), ExportColumns.Comparison, format, target, suite.Name,
            row => JunitTests.Of(row.Case, compared.Count == 1 ? suite.Name : $"{suite.Name}.run {row.RunId}"), cancellationToken);
    }

    /// <summary>Makes sure that the comparison can be exported.</summary>
    /// <exception cref="InvalidInputException">The runs are of different suites.</exception>
    public static void EnsureComparable(IReadOnlyList<EvaluationRun> compared, EvaluationRun baseline)
    {
        if (compared.FirstOrDefault(run => run.SuiteId != baseline.SuiteId) is { } other)
            throw new InvalidInputException($"Run {other.Id} and run {baseline.Id} are of different suites: a file contains the comparison of runs of one suite.") { Field = "run" };
    }

    /// <summary>Writes the audit trail, newest first.</summary>
    /// <param name="filter">Which records.</param>
    /// <param name="format">Csv or Jsonl.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    /// <exception cref="InvalidInputException">There is no such format for the audit trail.</exception>
    public Task ExportAuditAsync(AuditFilter filter, ExportFormat format, Stream target, CancellationToken cancellationToken) =>
        WriteAsync(AuditAsync(filter, cancellationToken), ExportColumns.Audit, format, target, "audit", null, cancellationToken);

    /// <summary>Writes a suite in the form that <see cref="ImportSuite"/> reads.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="revision">One of its revisions.</param>
    /// <param name="format">Json, with the suite's settings, or Jsonl, the cases alone.</param>
    /// <param name="target">Stays open.</param>
    /// <param name="cancellationToken">Ends the writing at any point.</param>
    /// <exception cref="NotFoundException">The suite has no such revision.</exception>
    /// <exception cref="InvalidInputException">There is no such format for suites.</exception>
    public async Task ExportSuiteAsync(EvaluationSuite suite, int revision, ExportFormat format, Stream target, CancellationToken cancellationToken)
    {
        if (format is not (ExportFormat.Json or ExportFormat.Jsonl))
            throw Wrong(format, "a suite", "json and jsonl");
        if (await suites.CountCasesAsync(suite.Id, revision, cancellationToken) == 0)
            throw new NotFoundException($"The suite '{suite.Name}' has no revision {revision}.");
        await SuiteExport.WriteAsync(suite, CasesAsync(suite.Id, revision, cancellationToken), format == ExportFormat.Json, target, cancellationToken);
    }

    private static Task WriteAsync<T>(
        IAsyncEnumerable<T> rows, IReadOnlyList<ExportColumn<T>> columns, ExportFormat format, Stream target, string name, Func<T, JunitTest>? toTest,
        CancellationToken cancellationToken) => format switch
        {
            ExportFormat.Csv => CsvExport.WriteAsync(rows, columns, target, cancellationToken),
            ExportFormat.Jsonl => JsonlExport.WriteAsync(rows, columns, target, cancellationToken),
            ExportFormat.Junit when toTest is not null => JunitExport.WriteAsync(name, rows.Select(toTest), target, cancellationToken),
            _ => throw Wrong(format, name, toTest is null ? "csv and jsonl" : "csv, jsonl and junit"),
        };

    private static InvalidInputException Wrong(ExportFormat format, string what, string right) =>
        new($"There is no {ExportFormats.Name(format)} of {what}; there is {right}.");

    private IAsyncEnumerable<RunRow> RunsAsync(RunListFilter filter, CancellationToken cancellationToken) => NewestFirstAsync(
        filter.BeforeId, beforeId => runList.ListAsync(filter with { BeforeId = beforeId }, RowsPerPage, cancellationToken), run => run.Id);

    private IAsyncEnumerable<ChangeRecord> AuditAsync(AuditFilter filter, CancellationToken cancellationToken) => NewestFirstAsync(
        filter.BeforeId, beforeId => changes.ListAsync(filter with { BeforeId = beforeId }, RowsPerPage, cancellationToken), record => record.Id);

    private static async IAsyncEnumerable<T> NewestFirstAsync<T>(long beforeId, Func<long, Task<IReadOnlyList<T>>> list, Func<T, long> id)
    {
        for (var page = await list(beforeId); page.Count > 0; page = await list(id(page[^1])))
        {
            foreach (var row in page)
                yield return row;
        }
    }

    private IAsyncEnumerable<CaseResultRow> ResultsAsync(EvaluationRun run, CaseVerdict? verdict, CancellationToken cancellationToken) => PagedTexts.ReadAsync(
        (after, limit) => runs.ListResultsAsync(run, verdict, after, limit, cancellationToken),
        row => row.Ordinal,
        row => row.Input.Length + (row.ExpectedOutput?.Length ?? 0) + (row.Output?.Length ?? 0) + (row.Error?.Length ?? 0));

    private IAsyncEnumerable<TestCase> CasesAsync(long suiteId, int revision, CancellationToken cancellationToken) => PagedTexts.ReadAsync(
        (after, limit) => suites.ListCasesAsync(suiteId, revision, after, limit, cancellationToken),
        each => each.Ordinal,
        each => each.Input.Length + (each.ExpectedOutput?.Length ?? 0) + each.Scoring.Length);

    private async IAsyncEnumerable<ComparedRow> ComparedAsync(
        IReadOnlyList<EvaluationRun> compared, EvaluationRun baseline, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var run in compared)
        {
            var cases = PagedTexts.ReadAsync((after, limit) => comparisons.ListCasesAsync(run, baseline, after, limit, cancellationToken), row => row.Ordinal, row => row.Name.Length);
            await foreach (var each in cases.WithCancellation(cancellationToken))
                yield return new ComparedRow(run.Id, baseline.Id, each);
        }
    }
}

/// <summary>A row of an exported comparison.</summary>
/// <param name="RunId">The run in question.</param>
/// <param name="BaselineRunId">The run it is compared with.</param>
/// <param name="Case">A case that both have a result of.</param>
internal sealed record ComparedRow(long RunId, long BaselineRunId, ComparedCase Case);
