using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What happened in this run, case by case?</summary>
internal sealed class RunPage(
    PageRequest request, RunListRepository rows, EvaluationRunRepository runs, CasePreviewRepository cases, ChangeRecordRepository changes, RunProgressCache progress,
    CaseOutcomeCache outcomes, PromotionRepository promotion, DataExporter exporter, ExecutionOptions execution)
{
    private static readonly ExportFormat[] Formats = [ExportFormat.Csv, ExportFormat.Jsonl, ExportFormat.Junit];

    /// <summary>Characters of each text shown on the page; a link leads to the whole text.</summary>
    private const int PreviewLength = 4000;

    /// <summary>Records shown; a run has a few for each attempt.</summary>
    private const int RecordCount = 100;

    public async Task<IResult> ShowAsync(long id)
    {
        var (run, row) = await FindAsync(id);
        var query = RunCaseQuery.Of(request);
        var verdicts = await ProgressAsync(run);
        var (found, caseCount) = await FindCasesAsync(run, verdicts, query);
        if (LastPage.Of(caseCount, RunCaseQuery.PageSize) is var last && last < query.Page)
        {
            query = query with { Page = last };
            (found, caseCount) = await FindCasesAsync(run, verdicts, query);
        }

        // Only its tenant's records: a record of the whole server about a run is not for every viewer of the run.
        var records = await changes.ListAsync(
            new AuditFilter { TenantIds = [run.TenantId], TargetEntity = nameof(EvaluationRun), TargetId = run.Id }, RecordCount, request.Aborted);

        var (isRequired, look) = await promotion.ReadEvidenceAsync(run, row.VoidedAt is not null, request.Aborted);
        return Page.Of<RunView, RunModel>(new RunModel
        {
            AcknowledgeNote = run.AcknowledgedAt is null ? null : AcknowledgeNoteOf(records),
            MaxAttempts = execution.MaxAttempts,
            ReleasedCount = records.Count < RecordCount ? TimelineEntry.ReleasedCount(run, records) : 0,
            RepeatedBy = await runs.ListRepeatingAsync(run.Id, request.Aborted),
            IsRequired = isRequired,
            Look = look,
            Run = run,
            Row = row,
            Context = await runs.ReadContextAsync(run, request.Aborted),
            Progress = verdicts,
            Timeline = TimelineEntry.Of(run, records),
            Scores = await ScoresAsync(run),
            CaseQuery = query,
            Cases = found,
            CaseCount = caseCount,
            PreviewLength = PreviewLength,
        });
    }

    /// <summary>One text of one case, whole.</summary>
    public async Task<IResult> ReadTextAsync(long id, long caseId, string name) => Page.Text(await FindTextAsync(id, caseId, name));

    /// <summary>One text of one case, rendered as Markdown.</summary>
    public async Task<IResult> ReadMarkdownAsync(long id, long caseId, string name) => Page.Markdown(
        $"Run {id}: {name}", await FindTextAsync(id, caseId, name), $"/evaluations/runs/{id}/cases/{caseId}/{name}", $"/evaluations/runs/{id}");

    /// <summary>The results as a file, of the verdict chosen on the page.</summary>
    public async Task<IResult> ExportAsync(long id, string format)
    {
        var (run, _) = await FindAsync(id);
        var verdict = request.QueryWord<CaseVerdict>("verdict");
        return Download.Of(request, $"run-{run.Id}", format, Formats, (chosen, target) => exporter.ExportResultsAsync(run, verdict, chosen, target, request.Aborted));
    }

    private async Task<string?> FindTextAsync(long id, long caseId, string name)
    {
        var (run, _) = await FindAsync(id);
        var text = await cases.GetTextAsync(run, caseId, request.Aborted);
        return name switch
        {
            "input" => text.Input,
            "expected" => text.ExpectedOutput,
            "output" => text.Output,
            _ => null,
        };
    }

    private async Task<(EvaluationRun Run, RunRow Row)> FindAsync(long id)
    {
        var run = await runs.GetAsync(id, request.Aborted);
        if (await rows.ListAsync([run.Id], request.Aborted) is not [var row, ..])
            throw new NotFoundException($"There is no run {run.Id}.");
        request.EnsureSees(row.TenantId, row.TenantSlug);
        return (run, row);
    }

    private async Task<RunProgressModel> ProgressAsync(EvaluationRun run) => run.Status switch
    {
        RunStatus.Pending or RunStatus.Running => (await progress.GetAsync(run.Id)).Progress,

        // Its figures are stored already.
        RunStatus.Completed => new(run, new Dictionary<CaseVerdict, int>
        {
            [CaseVerdict.Passed] = run.PassedCount,
            [CaseVerdict.Failed] = run.FailedCount,
            [CaseVerdict.Errored] = run.ErroredCount,
            [CaseVerdict.Unscored] = run.UnscoredCount,
        }),
        _ => new(run, await cases.CountVerdictsAsync(run.Id, request.Aborted)),
    };

    // Reading a whole large run costs too much for a small chart.
    private async Task<IReadOnlyList<double>> ScoresAsync(EvaluationRun run) => run.CompletedAt is null || run.CaseCount > CaseOutcomeCache.MaxCases
        ? []
        : [.. (await outcomes.GetAsync(run, request.Aborted)).Where(each => each.Score is not null).Select(each => each.Score!.Value)];

    private static string? AcknowledgeNoteOf(IReadOnlyList<ChangeRecord> records)
    {
        if (records.FirstOrDefault(record => record.Type == ChangeType.RunAcknowledged) is not { } record)
            return null;
        using var payload = JsonDocument.Parse(record.Payload);
        return payload.RootElement.TryGetProperty("note", out var note) && note.ValueKind == JsonValueKind.String ? note.GetString() : null;
    }

    // Two lists are read by key, since their counts are known: every case in the order of the suite, whose last page costs no more than the first, and
    // the first page of one verdict of a run that has ended.
    private async Task<(IReadOnlyList<CasePreview> Cases, int Count)> FindCasesAsync(EvaluationRun run, RunProgressModel verdicts, RunCaseQuery query)
    {
        if (request.QueryErrors.Count > 0)
            return ([], 0);
        if (query.Filter.IsPlain)
            return (await cases.ListAsync(run, null, query.Offset, PreviewLength, RunCaseQuery.PageSize, request.Aborted), run.CaseCount);
        return query.IsFirstOfVerdict && !RunLifecycle.IsLive(run.Status)
            ? (await cases.ListAsync(run, query.Filter.Verdict, 0, PreviewLength, RunCaseQuery.PageSize, request.Aborted), verdicts.Count(query.Filter.Verdict!))
            : await cases.FindAsync(run, query.Filter, query.Offset, PreviewLength, RunCaseQuery.PageSize, request.Aborted);
    }
}

/// <summary>What the page of a run shows.</summary>
internal sealed record RunModel
{
    /// <summary>The run.</summary>
    public required EvaluationRun Run { get; init; }

    /// <summary>The note of the person who acknowledged it; null for none.</summary>
    public required string? AcknowledgeNote { get; init; }

    /// <summary>Failed attempts after which a run is given up.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>Attempts that ended without a failure and without a record.</summary>
    public required int ReleasedCount { get; init; }

    /// <summary>The runs that repeat it, oldest first.</summary>
    public required IReadOnlyList<long> RepeatedBy { get; init; }

    /// <summary>Whether its suite revision is required of its version.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>The run's look; null when it has none.</summary>
    public required Look? Look { get; init; }

    /// <summary>The run with the names of what it belongs to.</summary>
    public required RunRow Row { get; init; }

    /// <summary>What the page shows in addition to the run.</summary>
    public required RunContext Context { get; init; }

    /// <summary>The database's clock.</summary>
    public DateTimeOffset Now => Context.ReadAt;

    /// <summary>Its progress.</summary>
    public required RunProgressModel Progress { get; init; }

    /// <summary>The scores of its cases, once it has ended; empty when there are none or too many.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>What happened to it, in order.</summary>
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    /// <summary>Which of its cases are shown.</summary>
    public required RunCaseQuery CaseQuery { get; init; }

    /// <summary>The cases of this page.</summary>
    public required IReadOnlyList<CasePreview> Cases { get; init; }

    /// <summary>Cases that match the filter, on all pages.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Pages of them.</summary>
    public int PageCount => LastPage.Of(CaseCount, RunCaseQuery.PageSize);

    /// <summary>Characters kept of each text.</summary>
    public required int PreviewLength { get; init; }

    /// <summary>Whether it can still change.</summary>
    public bool IsLive => RunLifecycle.IsLive(Run.Status);
}

/// <summary>The progress of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Verdicts">Results so far.</param>
internal sealed record RunProgressModel(EvaluationRun Run, IReadOnlyDictionary<CaseVerdict, int> Verdicts)
{
    /// <summary>Cases with a result.</summary>
    public int DoneCount => Verdicts.Values.Sum();

    /// <summary>Cases without one.</summary>
    public int WaitingCount => Math.Max(0, Run.CaseCount - DoneCount);

    /// <summary>Cases answered a minute; null while it is not known.</summary>
    public double? CasesPerMinute { get; init; }

    /// <summary>How long the cases without a result will take at this pace; null while it is not known.</summary>
    public TimeSpan? Left => CasesPerMinute is > 0 and var pace ? TimeSpan.FromMinutes(Math.Min(WaitingCount / pace, 60 * 24 * 365)) : null;

    /// <returns>Cases with this verdict.</returns>
    public int Count(CaseVerdict verdict) => Verdicts.GetValueOrDefault(verdict);

    /// <returns>Cases with this stored verdict, or without one for <see cref="CasePreviewRepository.Waiting"/>.</returns>
    public int Count(string verdict) => verdict == CasePreviewRepository.Waiting ? WaitingCount : Count(StoredWord.Parse<CaseVerdict>(verdict));
}
