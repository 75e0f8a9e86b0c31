using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads a run's cases for people: pages of beginnings, and whole texts one at a time.</summary>
internal sealed class CasePreviewRepository(EvaluationDatabase database)
{
    /// <summary>The filter word for cases that have no result.</summary>
    public const string Waiting = "WAITING";

    /// <returns>A page of the run's cases with their results so far, by ordinal; empty after the last.</returns>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="verdict">A stored verdict or <see cref="Waiting"/>; null means any.</param>
    /// <param name="afterOrdinal">The last ordinal of the previous page; 0 for the first page.</param>
    /// <param name="previewLength">Characters kept of each text.</param>
    /// <param name="limit">Cases at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<CasePreview>> ListAsync(
        EvaluationRun run, string? verdict, int afterOrdinal, int previewLength, int limit, CancellationToken cancellationToken) =>
        ListAsync(run, verdict, null, afterOrdinal, previewLength, limit, cancellationToken);

    private async Task<IReadOnlyList<CasePreview>> ListAsync(
        EvaluationRun run, string? verdict, IReadOnlyList<long>? testCaseIds, int afterOrdinal, int previewLength, int limit, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<CasePreview>(
            SqlQuery.ListCasePreviews,
            new
            {
                RunId = run.Id,
                run.SuiteId,
                Revision = run.SuiteRevision,
                Verdict = verdict,
                TestCaseIds = testCaseIds is null ? null : JsonSerializer.Serialize(testCaseIds),
                AfterOrdinal = afterOrdinal,
                PreviewLength = previewLength,
                Limit = limit,
            },
            cancellationToken)).Select(each => each with
            {
                Input = Preview.Text(each.Input, each.InputLength, previewLength)!,
                InputLength = Preview.Length(each.Input, each.InputLength)!.Value,
                ExpectedOutput = Preview.Text(each.ExpectedOutput, each.ExpectedLength, previewLength),
                ExpectedLength = Preview.Length(each.ExpectedOutput, each.ExpectedLength),
                Output = Preview.Text(each.Output, each.OutputLength, previewLength),
                OutputLength = Preview.Length(each.Output, each.OutputLength),
            })];

    /// <summary>Cases of one run that are looked through for a text; the first ones.</summary>
    public const int MaxSearched = 20_000;

    /// <returns>A page of the run's cases that fit a filter, in its order, and how many fit.</returns>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="filter">Which cases, in which order.</param>
    /// <param name="offset">Cases before the page.</param>
    /// <param name="previewLength">Characters kept of each text.</param>
    /// <param name="limit">Cases at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(IReadOnlyList<CasePreview> Cases, int Total)> FindAsync(
        EvaluationRun run, CaseFilter filter, int offset, int previewLength, int limit, CancellationToken cancellationToken)
    {
        var found = await FindAsync(run, filter, offset, limit, cancellationToken);
        if (found.Count == 0)
        {
            // Past the last page there is no row to say how many there are.
            var first = offset > 0 ? await FindAsync(run, filter, 0, 1, cancellationToken) : [];
            return ([], first is [var any] ? any.Total : 0);
        }

        var shown = (await ListAsync(run, null, [.. found.Select(each => each.TestCaseId)], 0, previewLength, limit, cancellationToken)).ToDictionary(each => each.TestCaseId);
        return ([.. found.Where(each => shown.ContainsKey(each.TestCaseId)).Select(each => shown[each.TestCaseId])], found[0].Total);
    }

    private Task<IReadOnlyList<FoundRunCase>> FindAsync(EvaluationRun run, CaseFilter filter, int offset, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<FoundRunCase>(
            SqlQuery.FindRunCases,
            new
            {
                RunId = run.Id,
                run.SuiteId,
                Revision = run.SuiteRevision,
                MaxOrdinal = filter.Text is null ? int.MaxValue : MaxSearched,
                filter.Verdict,
                filter.MinScore,
                filter.MaxScore,
                filter.SlowerThanMs,
                Pattern = filter.Text is { } text ? SearchPattern.Of(text) : null,
                filter.Sort,
                Limit = limit,
                Offset = offset,
            },
            cancellationToken);

    /// <returns>How many results of each verdict the run has so far; verdicts without any are left out.</returns>
    public async Task<IReadOnlyDictionary<CaseVerdict, int>> CountVerdictsAsync(long runId, CancellationToken cancellationToken) =>
        (await database.QueryAsync<VerdictCount>(SqlQuery.CountVerdicts, new { RunId = runId }, cancellationToken))
            .ToDictionary(count => count.Verdict, count => (int)count.ResultCount);

    /// <returns>The whole texts of one case.</returns>
    /// <exception cref="NotFoundException">The case is not of the run's suite.</exception>
    public async Task<CaseText> GetTextAsync(EvaluationRun run, long testCaseId, CancellationToken cancellationToken) =>
        await database.QueryAsync<CaseText>(SqlQuery.GetCaseText, new { RunId = run.Id, run.SuiteId, TestCaseId = testCaseId }, cancellationToken)
            is [var text, ..]
            ? text
            : throw new NotFoundException($"Run {run.Id} has no case {testCaseId}.");

    private sealed record FoundRunCase
    {
        public required long TestCaseId { get; init; }

        public required int Total { get; init; }
    }

    private sealed record VerdictCount
    {
        public required CaseVerdict Verdict { get; init; }

        public required long ResultCount { get; init; }
    }
}

/// <summary>Which cases of a run, in which order; null means any.</summary>
internal sealed record CaseFilter
{
    /// <summary>A stored verdict or <see cref="CasePreviewRepository.Waiting"/>.</summary>
    public string? Verdict { get; init; }

    /// <summary>Contained in the key, title, input, expected output, reply or remark; upper and lower case are the same.</summary>
    public string? Text { get; init; }

    /// <summary>With this score or a higher one.</summary>
    public double? MinScore { get; init; }

    /// <summary>With this score or a lower one.</summary>
    public double? MaxScore { get; init; }

    /// <summary>That took longer.</summary>
    public long? SlowerThanMs { get; init; }

    /// <summary>One of <see cref="Sorts"/>; null means by their order in the suite.</summary>
    public string? Sort { get; init; }

    /// <summary>The orders there are: lowest score, highest score, slowest, most expensive first. Cases without the figure come last.</summary>
    public static IReadOnlyList<string> Sorts { get; } = ["SCORE", "SCORE_DOWN", "DURATION", "COST"];

    /// <summary>Whether it is every case in the order of the suite.</summary>
    public bool IsPlain => this == new CaseFilter();
}

/// <summary>One case of a run and its result so far. Long texts are cut; their lengths, in characters, are those of the whole.</summary>
internal sealed record CasePreview
{
    /// <summary>The case.</summary>
    public required long TestCaseId { get; init; }

    /// <summary>Its position in the suite revision, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Its stable name.</summary>
    public required string CaseKey { get; init; }

    /// <summary>Its title.</summary>
    public required string Name { get; init; }

    /// <summary>The beginning of what the agent is asked.</summary>
    public required string Input { get; init; }

    /// <summary>Length of the whole.</summary>
    public required long InputLength { get; init; }

    /// <summary>The beginning of the right answer.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>Length of the whole.</summary>
    public long? ExpectedLength { get; init; }

    /// <summary>The outcome; null while the case has no result.</summary>
    public CaseVerdict? Verdict { get; init; }

    /// <inheritdoc cref="TestCaseResult.Score"/>
    public double? Score { get; init; }

    /// <summary>The beginning of the agent's reply.</summary>
    public string? Output { get; init; }

    /// <summary>Length of the whole.</summary>
    public long? OutputLength { get; init; }

    /// <summary>The beginning of why the case is ERRORED or UNSCORED.</summary>
    public string? Error { get; init; }

    /// <inheritdoc cref="TestCaseResult.DurationMs"/>
    public long? DurationMs { get; init; }

    /// <summary>The scorer that judges the reply; null when its stored settings can no longer be read.</summary>
    public string? Scorer { get; init; }

    /// <summary>How it is judged, as JSON; null when that is longer than the preview.</summary>
    public string? Scoring { get; init; }

    /// <summary>The score from which the case passes, 0..1; null means the scorer's own default.</summary>
    public double? Threshold { get; init; }

    /// <inheritdoc cref="TestCase.Weight"/>
    public required double Weight { get; init; }

    /// <inheritdoc cref="TestCaseResult.InputTokens"/>
    public long? InputTokens { get; init; }

    /// <inheritdoc cref="TestCaseResult.OutputTokens"/>
    public long? OutputTokens { get; init; }

    /// <inheritdoc cref="TestCaseResult.Cost"/>
    public double? Cost { get; init; }
}

/// <summary>The whole texts of one case of a run.</summary>
internal sealed record CaseText
{
    /// <summary>What the agent was asked.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>The agent's reply.</summary>
    public string? Output { get; init; }
}
