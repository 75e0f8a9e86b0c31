using System.Data.Common;
using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Ends the attempt at a run: stores its result, and whether it counts as a failed attempt of the run.</summary>
/// <remarks>Each end throws <see cref="LeaseLostException"/> when the run is no longer the attempt's.</remarks>
internal sealed partial class AttemptConclusion(RunClaimRepository claims, EndpointBreaker breaker, ExecutionOptions options, ILogger<AttemptConclusion> logger)
{
    /// <summary>The cases were asked, or the attempt gave up: the run is completed, asked again, or waits for an endpoint that does not answer.</summary>
    public async Task<AttemptOutcome> ConcludeAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var (claim, _, _, _, watch) = attempt;
        if (watch is { HasGivenUp: true, IsJudgeSilent: true })
            return await EndUnjudgedAsync(attempt, $"The judge {watch.SilentJudge} gave no answer, and the attempt ended there. The last error: {watch.LastError}");
        if (watch.HasGivenUp)
        {
            return await EndUnansweredAsync(
                attempt, $"{watch.UnansweredCount} {Plural.Of(watch.UnansweredCount, "case")} got no useful answer, and the attempt ended there. The last error: {watch.LastError}", watch.IsOutage);
        }

        var tally = await claims.TallyAsync(claim.Id, cancellationToken);
        var end = AttemptRule.Decide(tally, options.MaxUnjudgedShare);
        if (end == AttemptEnd.NoVerdict)
        {
            var why = tally.UnjudgedCount == 0 ? "useful answer" : "verdict: the judge could not be asked, or the agent did not answer";
            var error = $"{(tally.ResultCount == 1 ? "The only case got no" : $"None of the {tally.ResultCount} cases got a")} {why}. The last error: {watch.LastError ?? "see the results"}";
            return watch.SilentJudge is null ? await EndUnansweredAsync(attempt, error, watch.IsOutage) : await EndUnjudgedAsync(attempt, error);
        }

        if (watch.IsPaused && tally.ResultCount < tally.CaseCount)
        {
            await claims.ReleaseToEndAsync(claim, CancellationToken.None);
            LogTurnOver(watch.AnsweredCount + watch.UnansweredCount);
            return AttemptOutcome.Released;
        }

        // The last attempt completes in any case: cases that could not be asked stay without a verdict.
        if (end == AttemptEnd.AskAgain && claim.FailedAttempts + 1 < options.MaxAttempts)
        {
            return await AskAgainAsync(
                claim,
                $"{tally.UnansweredCount + tally.UnjudgedCount} of {tally.CaseCount} cases have no verdict for a cause that may pass and are asked again: {tally.UnansweredCount} without an answer of the agent, "
                    + $"{tally.UnjudgedCount} without one of the judge. The last error: {watch.LastError ?? "see the results"}");
        }

        var evalStatus = await claims.CompleteAsync(claim, cancellationToken);
        LogCompleted(tally.PassedCount, tally.CaseCount, tally.ErroredCount, tally.UnscoredCount, StoredWord.Of(evalStatus));
        return AttemptOutcome.Completed;
    }

    /// <summary>A long suite with a working agent continues in another attempt; an agent that answers nothing has failed, or its endpoint has.</summary>
    public async Task<AttemptOutcome> TimeOutAsync(EvaluationRun claim, Attempt? attempt)
    {
        if (attempt is not { Watch.JudgedCount: > 0 and var judged })
        {
            var error = $"No case got a useful answer within RunTimeout ({options.RunTimeout}). The last error: {attempt?.Watch.LastError ?? "none: the agent never answered"}";
            return attempt is null
                ? await FailAsync(claim, error, isPermanent: false)
                : await EndUnansweredAsync(attempt, error, attempt.Watch.IsOutage || attempt.Watch.UnansweredCount == 0);
        }

        await claims.ReleaseToEndAsync(claim, CancellationToken.None);
        LogRunTimeout(options.RunTimeout, judged);
        return AttemptOutcome.Released;
    }

    /// <summary>No answer at all: if the endpoint is the cause, the run waits for it; otherwise the attempt has failed.</summary>
    private async Task<AttemptOutcome> EndUnansweredAsync(Attempt attempt, string error, bool isOutage)
    {
        var (claim, pass, _, turn, watch) = attempt;
        if (watch.AnsweredCount == 0)
            await turn.RecordAnswerAsync(isAnswered: false, CancellationToken.None);
        if (!isOutage || await breaker.OpenAsync(pass, watch.LastError ?? error, CancellationToken.None) is not { } wait)
            return await FailAsync(claim, error, isPermanent: false);

        await claims.WaitForEndpointAsync(claim, $"{pass.Endpoint} does not answer; {EndpointOutage.RunWaits}. {error}", wait, CancellationToken.None);
        return AttemptOutcome.Unanswered;
    }

    /// <summary>The agent answers but its judge does not: the run waits for the judge, and the agent is not asked until then.</summary>
    private async Task<AttemptOutcome> EndUnjudgedAsync(Attempt attempt, string error)
    {
        var (claim, pass, _, _, watch) = attempt;

        // If the agent answers at the same endpoint, the endpoint is not the cause.
        var judge = new EndpointPass(watch.SilentJudge == pass.Endpoint ? null : watch.SilentJudge, claim.TenantId, EndpointEntry.Free);
        if (await breaker.OpenAsync(judge, watch.LastError ?? error, CancellationToken.None) is not { } wait)
            return await FailAsync(claim, error, isPermanent: false);

        await claims.WaitForEndpointAsync(claim, $"The judge {judge.Endpoint} does not answer; {EndpointOutage.RunWaits}. {error}", wait, CancellationToken.None);
        return AttemptOutcome.Unanswered;
    }

    /// <summary>Nothing was asked: the endpoint is known not to answer, and its next try is not due.</summary>
    public async Task<AttemptOutcome> WaitAsync(EvaluationRun claim, EndpointOutage outage)
    {
        var since = outage.Since.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        await claims.PostponeAsync(
            claim, $"{outage.Endpoint} has not answered since {since} UTC; {EndpointOutage.RunWaits}. The last error: {outage.LastError}", breaker.Interval, CancellationToken.None);
        return AttemptOutcome.Waiting;
    }

    /// <summary>
    /// It is not known which run used up the memory, so it is counted for all of them. A run with many counts is worked alone; if the memory is
    /// used up then, too, that run is the cause.
    /// </summary>
    public async Task<AttemptOutcome> EndOutOfMemoryAsync(EvaluationRun claim, bool alone, Exception error)
    {
        if (alone)
        {
            return await FailAsync(
                claim, $"POISON: the server ran out of memory {claim.DeathCount + 1} times in a row while it worked this run, the last time while it was worked alone.", isPermanent: true);
        }

        await claims.PostponeShortOfMemoryAsync(claim, $"The server was short of memory: {error.Message}", options.RetryBackoff, CancellationToken.None);
        return AttemptOutcome.Released;
    }

    /// <summary>The attempt has failed, and counts.</summary>
    public async Task<AttemptOutcome> FailAsync(EvaluationRun claim, string error, bool isPermanent)
    {
        var status = await claims.FailAttemptAsync(
            claim, error, options.MaxAttempts, options.RetryBackoff, isPermanent, CancellationToken.None);

        // The error may quote a reply: it is stored with the run, and logged only at level Debug.
        LogFailed(StoredWord.Of(status), claim.Id);
        LogFailure(error);
        return status == RunStatus.Failed ? AttemptOutcome.FailedForGood : AttemptOutcome.Failed;
    }

    private async Task<AttemptOutcome> AskAgainAsync(EvaluationRun claim, string error)
    {
        await claims.AskAgainLaterAsync(claim, error, options.RetryBackoff, CancellationToken.None);
        LogFailed(StoredWord.Of(RunStatus.Pending), claim.Id);
        LogFailure(error);
        return AttemptOutcome.Failed;
    }

    /// <summary>Not a failure of the agent or the run: no attempt is counted. While the database cannot even store this, the lease expires.</summary>
    public async Task<AttemptOutcome> PostponeAsync(EvaluationRun claim, Exception error)
    {
        await claims.PostponeAsync(claim, $"{(error is DbException ? "The database was not available" : "The server was short of disk or handles")}: {error.Message}", options.RetryBackoff, CancellationToken.None);
        return AttemptOutcome.Released;
    }

    /// <summary>The server stops: the run is released, and nothing is counted.</summary>
    public async Task<AttemptOutcome> ReleaseAsync(EvaluationRun claim)
    {
        await claims.ReleaseAsync(claim, CancellationToken.None);
        LogReleased();
        return AttemptOutcome.Released;
    }

    [LoggerMessage(1200, LogLevel.Information, "Completed: {Passed} of {Cases} passed, {Errored} errored, {Unscored} unscored: {EvalStatus}")]
    private partial void LogCompleted(int passed, int cases, int errored, int unscored, string evalStatus);

    [LoggerMessage(1201, LogLevel.Warning, "Attempt failed, the run is {Status}; 'run show {RunId}' says why")]
    private partial void LogFailed(string status, long runId);

    [LoggerMessage(1202, LogLevel.Debug, "Attempt failed: {Error}")]
    private partial void LogFailure(string error);

    [LoggerMessage(1205, LogLevel.Information, "Reached RunTimeout ({RunTimeout}) with {Count} more cases done; the rest continues later")]
    private partial void LogRunTimeout(TimeSpan runTimeout, int count);

    [LoggerMessage(1206, LogLevel.Information, "Released unfinished")]
    private partial void LogReleased();

    [LoggerMessage(1212, LogLevel.Information, "Its turn is over, {Count} more cases done; others wait, and the rest continues later")]
    private partial void LogTurnOver(int count);
}

/// <summary>One attempt and its results so far.</summary>
internal sealed record Attempt(EvaluationRun Claim, EndpointPass Pass, EndpointPass? Judge, BatchTurn Turn, AttemptWatch Watch);
