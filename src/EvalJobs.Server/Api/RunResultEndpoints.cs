using System.Net.ServerSentEvents;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;

namespace EvalJobs.Server.Api;

/// <summary><c>/runs/{id}/results</c> and <c>/runs/{id}/events</c>: the result of each case, and the progress of a run.</summary>
internal static class RunResultEndpoints
{
    public static void MapRunResults(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs/{id:long}/results", ListAsync).Reads<Page<ResultView>>("listResults", "List the results of a run's cases, by ordinal").WithMetadata(ApiExport.Tests.Offers);
        api.MapGet("/runs/{id:long}/events", WatchAsync).Reads<RunProgressView>("watchRun", "Follow a run's progress as server-sent events until it ends")
            .WithMetadata(new ApiAccept.Offers("text/event-stream"));
    }

    private static async Task<IResult> ListAsync(
        ApiCall call, long id, EvaluationRunRepository runs, DataExporter exporter, string? verdict, string? format, string? cursor, int? limit)
    {
        var run = await RunEndpoints.FindAsync(call, runs, id);
        if (ApiExport.Tests.Choose(call, format) is { } chosen)
        {
            var only = ApiWord.Parse<CaseVerdict>(verdict, "verdict");
            return ApiExport.Stream(chosen, (target, aborted) => exporter.ExportResultsAsync(run, only, chosen, target, aborted));
        }

        var count = ApiCall.Limit(limit);
        var after = (int)Math.Min(ApiCall.Number(cursor, 0), int.MaxValue);
        var rows = await runs.ListResultsAsync(run, ApiWord.Parse<CaseVerdict>(verdict, "verdict"), after, count, call.Aborted);
        return TypedResults.Ok(call.PageOf(rows, count, ResultView.Of, row => row.Ordinal));
    }

    private static async Task<IResult> WatchAsync(ApiCall call, long id, EvaluationRunRepository runs, RunWait wait)
    {
        var run = await RunEndpoints.FindAsync(call, runs, id);
        return HeadRequest.Is(call.Http) ? TypedResults.Text("", "text/event-stream") : TypedResults.ServerSentEvents(Events(wait, run.Id, call.Aborted));
    }

    private static async IAsyncEnumerable<SseItem<RunProgressView>> Events(
        RunWait wait, long runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var reading in wait.WatchAsync(runId, cancellationToken))
        {
            var view = RunProgressView.Of(reading.Progress.Run, reading.Progress.Verdicts);
            yield return new SseItem<RunProgressView>(view, reading.Progress.Run.CompletedAt is null ? "progress" : "ended") { ReconnectionInterval = TimeSpan.FromSeconds(3) };
        }
    }
}

/// <summary>The result of one case.</summary>
internal sealed record ResultView
{
    /// <summary>The case's position in its suite revision, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The case's key.</summary>
    public required string CaseKey { get; init; }

    /// <summary>Its title.</summary>
    public required string Name { get; init; }

    /// <summary>What the agent was asked.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>PASSED, FAILED, ERRORED or UNSCORED.</summary>
    public required CaseVerdict Verdict { get; init; }

    /// <summary>0 to 1; null when nothing was scored.</summary>
    public double? Score { get; init; }

    /// <summary>The agent's reply.</summary>
    public string? Output { get; init; }

    /// <summary>Why the case is ERRORED or UNSCORED, or a scorer's remark.</summary>
    public string? Error { get; init; }

    /// <summary>From question to reply, in milliseconds.</summary>
    public required long DurationMs { get; init; }

    /// <summary>Tokens the agent read.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens the agent wrote.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>What the reply cost.</summary>
    public double? Cost { get; init; }

    public static ResultView Of(CaseResultRow row) => new()
    {
        Ordinal = row.Ordinal,
        CaseKey = row.CaseKey,
        Name = row.Name,
        Input = row.Input,
        ExpectedOutput = row.ExpectedOutput,
        Verdict = row.Verdict,
        Score = row.Score,
        Output = row.Output,
        Error = row.Error,
        DurationMs = row.DurationMs,
        InputTokens = row.InputTokens,
        OutputTokens = row.OutputTokens,
        Cost = row.Cost,
    };
}

/// <summary>The progress of a run.</summary>
internal sealed record RunProgressView
{
    /// <summary>The run.</summary>
    public required long RunId { get; init; }

    /// <summary>The run's status.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Cases of the suite revision.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Cases with verdict PASSED so far.</summary>
    public required int PassedCount { get; init; }

    /// <summary>Cases with verdict FAILED so far.</summary>
    public required int FailedCount { get; init; }

    /// <summary>Cases with verdict ERRORED so far.</summary>
    public required int ErroredCount { get; init; }

    /// <summary>Cases with verdict UNSCORED so far.</summary>
    public required int UnscoredCount { get; init; }

    public static RunProgressView Of(EvaluationRun run, IReadOnlyDictionary<CaseVerdict, int> counts) => new()
    {
        RunId = run.Id,
        Status = run.Status,
        Attempt = run.Attempt,
        CaseCount = run.CaseCount,
        PassedCount = counts.GetValueOrDefault(CaseVerdict.Passed),
        FailedCount = counts.GetValueOrDefault(CaseVerdict.Failed),
        ErroredCount = counts.GetValueOrDefault(CaseVerdict.Errored),
        UnscoredCount = counts.GetValueOrDefault(CaseVerdict.Unscored),
    };
}
