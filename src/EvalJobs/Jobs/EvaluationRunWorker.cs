using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Works one claimed run: asks the cases that have no result yet, stores the results as they come, ends the attempt.</summary>
internal sealed partial class EvaluationRunWorker(
    RunClaimRepository claims, AgentVersionRepository versions, RunExecutor executor, ScoringService scoring, EndpointBreaker breaker, IsolationGate isolation, ExecutionOptions options,
    EvaluationMetrics metrics, ILogger<EvaluationRunWorker> logger)
{
    /// <summary>Where each further attempt begins: evenly spread, whatever the number of attempts (the golden ratio).</summary>
    private const double AttemptStride = 0.618034;

    private static readonly Func<ILogger, string, long, int, IDisposable?> RunScope =
        LoggerMessage.DefineScope<string, long, int>("Tenant {Tenant}, run {RunId}, attempt {Attempt}");

    /// <summary>Works the run to an end of its attempt.</summary>
    /// <param name="hold">The claimed run.</param>
    /// <param name="tenant">Its tenant.</param>
    /// <param name="turn">The batch's time: when it is over, the run is given back with the cases that are done.</param>
    /// <param name="stopping">Cancelled when the server shuts down or an operator deletes the job: the run is given back.</param>
    /// <returns>How the attempt ended. A failure of the run's own is an outcome, not an exception.</returns>
    /// <exception cref="Exception">The database cannot be written; the run's lease expires and a tick takes it back.</exception>
    public async Task<AttemptOutcome> WorkAsync(RunHold hold, Tenant tenant, BatchTurn turn, CancellationToken stopping)
    {
        var claim = hold.Claim;
        using var scope = RunScope(logger, tenant.Slug, claim.Id, claim.Attempt);
        using var span = EvaluationTrace.Source.StartActivity(EvaluationTrace.Run)?
            .SetTag(EvaluationTrace.Tenant, tenant.Slug).SetTag("evaljobs.run.id", claim.Id).SetTag("evaljobs.attempt", claim.Attempt);
        metrics.Claimed(tenant.Slug);

        var outcome = await AttemptAsync(hold, tenant, turn, stopping);
        Measure(tenant.Slug, outcome, span);
        return outcome;
    }

    private async Task<AttemptOutcome> AttemptAsync(RunHold hold, Tenant tenant, BatchTurn turn, CancellationToken stopping)
    {
        var claim = hold.Claim;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(hold.Lost, stopping);
        Attempt? attempt = null;
        var alone = claim.DeathCount >= options.PoisonDeaths;

        try
        {
            if (stopping.IsCancellationRequested)
                return await ReleaseAsync(claim);

            using var place = await isolation.EnterAsync(alone, limit.Token);
            if (alone)
            {
                LogAlone(claim.DeathCount);
                await claims.MarkAloneAsync(claim, limit.Token);
            }

            limit.CancelAfter(options.RunTimeout);
            var binding = await BindAsync(claim, tenant, limit.Token);
            var pass = await breaker.EnterAsync(claim, binding.Genome, limit.Token);
            if (pass.Entry is { Access: EndpointAccess.Wait, Outage: { } outage })
                return await WaitAsync(claim, outage);

            var judge = await EnterJudgeAsync(claim, pass, limit.Token);
            if (judge?.Entry is { Access: EndpointAccess.Wait, Outage: { } silence })
                return await WaitAsync(claim, silence);

            attempt = new Attempt(claim, pass, judge, turn, NewWatch(pass, judge));
            await AskAndStoreAsync(attempt, binding, limit.Token);
            return await ConcludeAsync(attempt, hold.Lost);
        }
        catch (LeaseLostException)
        {
            return Lost(claim);
        }
        catch (OperationCanceledException) when (hold.Lost.IsCancellationRequested)
        {
            return Lost(claim);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return await UnlessLostAsync(claim, () => ReleaseAsync(claim));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return await UnlessLostAsync(claim, () => TimeOutAsync(claim, attempt));
        }
        catch (DbException error) when (error.IsOutage())
        {
            LogDatabaseOutage(error);
            return await UnlessLostAsync(claim, () => PostponeAsync(claim, error));
        }
        catch (Exception error) when (error.IsHostFailure())
        {
            LogHostFailure(error);
            return await UnlessLostAsync(claim, () => error.IsOutOfMemory() ? EndOutOfMemoryAsync(claim, alone, error) : PostponeAsync(claim, error));
        }
        catch (NotAllowedException error)
        {
            return await UnlessLostAsync(claim, () => FailAsync(claim, error.Message, isPermanent: true));
        }
        catch (Exception error)
        {
            LogUnexpected(error);
            return await UnlessLostAsync(claim, () => FailAsync(claim, $"{error.GetType().Name}: {error.Message}", isPermanent: false));
        }
    }

    private async Task<AgentBinding> BindAsync(EvaluationRun claim, Tenant tenant, CancellationToken cancellationToken)
    {
        var version = await versions.GetAsync(claim.VersionId, cancellationToken);
        return version.IsGenomeIntact
            ? new AgentBinding(tenant.Slug, Genome.Parse(version.Genome))
            : throw new ConflictException(
                $"The genome of version {version.Id} no longer matches its hash {version.GenomeHash}: it was changed after it was created.");
    }

    /// <returns>What the attempt may do with the judge of its first case; null when that needs none, or one at the agent's own endpoint.</returns>
    private async Task<EndpointPass?> EnterJudgeAsync(EvaluationRun claim, EndpointPass agent, CancellationToken cancellationToken)
    {
        await foreach (var first in claims.ReadUnansweredCasesAsync(claim.Id, 0, cancellationToken))
        {
            var judge = scoring.JudgeOf(first);
            return judge is null || judge == agent.Endpoint ? null : await breaker.EnterAsync(claim, judge, cancellationToken);
        }
        return null;
    }

    private AttemptWatch NewWatch(EndpointPass pass, EndpointPass? judge) => new(options.EffectiveUnansweredCases, Tries(pass), judge is null ? options.EffectiveUnansweredCases : Tries(judge));

    private int Tries(EndpointPass pass) => pass.Entry.Access == EndpointAccess.OneTry ? 1 : options.EffectiveUnansweredCases;

    private async Task AskAndStoreAsync(Attempt attempt, AgentBinding binding, CancellationToken cancellationToken)
    {
        var (claim, pass, judge, turn, watch) = attempt;
        using var pausing = turn.Over.Register(watch.Pause);

        // After an attempt without an answer the next begins with other cases: the first ones may be those that the agent cannot answer.
        var startAfter = claim.FailedAttempts > 0 || pass.Entry.Outage is not null ? (int)(claim.CaseCount * (claim.Attempt * AttemptStride % 1)) : 0;
        var unanswered = claims.ReadUnansweredCasesAsync(claim.Id, startAfter, cancellationToken);
        var (isAlive, isAnswered, isJudged) = (false, false, false);
        await foreach (var results in executor.ExecuteAsync(binding, unanswered, watch, token => claims.FindAnsweredCaseAsync(claim.Id, token), cancellationToken))
        {
            // Not cancelled half-way: an answer that was paid for is kept, and the fence alone decides whether it counts.
            await claims.SaveResultsAsync(claim, results, CancellationToken.None);

            // An answer that is of no use is still an answer: the endpoint works.
            if (!isAlive && results.Any(result => !result.IsOutage))
            {
                isAlive = true;
                await breaker.CloseAsync(pass, CancellationToken.None);
            }

            // Where it is not the first case that has the judge, nothing is known of it yet.
            if (!isJudged && results.FirstOrDefault(result => result is { Judge: not null, IsJudgeOutage: false }) is { Judge: { } answered })
            {
                isJudged = true;
                if (judge?.Endpoint == answered)
                    await breaker.CloseAsync(judge, CancellationToken.None);
                else if (answered != pass.Endpoint)
                    await breaker.CloseAsync(answered, claim.TenantId, CancellationToken.None);
            }

            if (!isAnswered && results.Any(result => result.Verdict != CaseVerdict.Errored))
            {
                isAnswered = true;
                await turn.NoteAsync(isAnswered: true, CancellationToken.None);
            }
        }
    }

    private async Task<AttemptOutcome> ConcludeAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var (claim, _, _, _, watch) = attempt;
        if (watch is { HasGivenUp: true, IsJudgeSilent: true })
            return await EndUnjudgedAsync(attempt, $"The judge {watch.SilentJudge} gave no answer, and the attempt ended there. The last error: {watch.LastError}");
        if (watch.HasGivenUp)
        {
            return await EndUnansweredAsync(
                attempt, $"{watch.UnansweredCount} cases got no useful answer, and the attempt ended there. The last error: {watch.LastError}", watch.IsOutage);
        }

        var tally = await claims.TallyAsync(claim.Id, cancellationToken);
        var end = AttemptRule.Decide(tally, options.MaxUnjudgedShare);
        if (end == AttemptEnd.NoVerdict)
        {
            var why = tally.UnjudgedCount == 0 ? "got a useful answer" : "got a verdict: the judge could not be asked, or the agent did not answer";
            var error = $"None of the {tally.ResultCount} cases {why}. The last error: {watch.LastError ?? "see the results"}";
            return watch.SilentJudge is null ? await EndUnansweredAsync(attempt, error, watch.IsOutage) : await EndUnjudgedAsync(attempt, error);
        }

        if (watch.IsPaused && tally.ResultCount < tally.CaseCount)
        {
            await claims.YieldAsync(claim, CancellationToken.None);
            LogTurnOver(watch.AnsweredCount + watch.UnansweredCount);
            return AttemptOutcome.Released;
        }

        // The last attempt completes as it is: what it could not ask stays without a verdict, and is counted so.
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

    /// <summary>A long suite with a working agent takes turns; an agent that answers nothing has failed, or its endpoint has.</summary>
    private async Task<AttemptOutcome> TimeOutAsync(EvaluationRun claim, Attempt? attempt)
    {
        if (attempt is not { Watch.JudgedCount: > 0 and var judged })
        {
            var error = $"No case got a useful answer within RunTimeout ({options.RunTimeout}). The last error: {attempt?.Watch.LastError ?? "none: the agent never answered"}";
            return attempt is null
                ? await FailAsync(claim, error, isPermanent: false)
                : await EndUnansweredAsync(attempt, error, attempt.Watch.IsOutage || attempt.Watch.UnansweredCount == 0);
        }

        await claims.YieldAsync(claim, CancellationToken.None);
        LogRunTimeout(options.RunTimeout, judged);
        return AttemptOutcome.Released;
    }

    /// <summary>Not one answer: where the endpoint is the reason, the run waits for it; else the attempt has failed.</summary>
    private async Task<AttemptOutcome> EndUnansweredAsync(Attempt attempt, string error, bool isOutage)
    {
        var (claim, pass, _, turn, watch) = attempt;
        if (watch.AnsweredCount == 0)
            await turn.NoteAsync(isAnswered: false, CancellationToken.None);
        if (!isOutage || await breaker.OpenAsync(pass, watch.LastError ?? error, CancellationToken.None) is not { } wait)
            return await FailAsync(claim, error, isPermanent: false);

        await claims.WaitForEndpointAsync(claim, $"{pass.Endpoint} does not answer; {EndpointOutage.RunWaits}. {error}", wait, CancellationToken.None);
        return AttemptOutcome.Unanswered;
    }

    /// <summary>The agent answers and its judge does not: the run waits for the judge, and the agent is asked no more meanwhile.</summary>
    private async Task<AttemptOutcome> EndUnjudgedAsync(Attempt attempt, string error)
    {
        var (claim, pass, _, _, watch) = attempt;

        // Where the agent answers at the same endpoint, that is not what is out of order.
        var judge = new EndpointPass(watch.SilentJudge == pass.Endpoint ? null : watch.SilentJudge, claim.TenantId, EndpointEntry.Free);
        if (await breaker.OpenAsync(judge, watch.LastError ?? error, CancellationToken.None) is not { } wait)
            return await FailAsync(claim, error, isPermanent: false);

        await claims.WaitForEndpointAsync(claim, $"The judge {judge.Endpoint} does not answer; {EndpointOutage.RunWaits}. {error}", wait, CancellationToken.None);
        return AttemptOutcome.Unanswered;
    }

    private async Task<AttemptOutcome> WaitAsync(EvaluationRun claim, EndpointOutage outage)
    {
        var since = outage.Since.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        await claims.PostponeAsync(
            claim, $"{outage.Endpoint} has not answered since {since} UTC; {EndpointOutage.RunWaits}. The last error: {outage.LastError}", breaker.Interval, CancellationToken.None);
        return AttemptOutcome.Waiting;
    }

    /// <summary>
    /// Who used up the memory is not known, so all runs that were there are counted. One that is there again and again is worked alone; if the memory is
    /// used up then, too, it is the run's doing.
    /// </summary>
    private async Task<AttemptOutcome> EndOutOfMemoryAsync(EvaluationRun claim, bool alone, Exception error)
    {
        if (alone)
        {
            return await FailAsync(
                claim, $"POISON: the server ran out of memory {claim.DeathCount + 1} times in a row while it worked this run, the last time with no other run beside it.", isPermanent: true);
        }

        await claims.PostponeShortOfMemoryAsync(claim, $"The server was short of memory: {error.Message}", options.RetryBackoff, CancellationToken.None);
        return AttemptOutcome.Released;
    }

    private async Task<AttemptOutcome> FailAsync(EvaluationRun claim, string error, bool isPermanent)
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
    private async Task<AttemptOutcome> PostponeAsync(EvaluationRun claim, Exception error)
    {
        await claims.PostponeAsync(claim, $"{(error is DbException ? "The database was not available" : "The server was short of disk or handles")}: {error.Message}", options.RetryBackoff, CancellationToken.None);
        return AttemptOutcome.Released;
    }

    private async Task<AttemptOutcome> ReleaseAsync(EvaluationRun claim)
    {
        await claims.ReleaseAsync(claim, CancellationToken.None);
        LogReleased();
        return AttemptOutcome.Released;
    }

    private AttemptOutcome Lost(EvaluationRun claim)
    {
        LogLost(claim.Id);
        return AttemptOutcome.Lost;
    }

    private async Task<AttemptOutcome> UnlessLostAsync(EvaluationRun claim, Func<Task<AttemptOutcome>> end)
    {
        try
        {
            return await end();
        }
        catch (LeaseLostException)
        {
            return Lost(claim);
        }
    }

    private void Measure(string tenant, AttemptOutcome outcome, Activity? span)
    {
        span?.SetTag("evaljobs.outcome", StoredWord.Of(outcome));
        switch (outcome)
        {
            case AttemptOutcome.Completed:
                metrics.Completed(tenant);
                break;
            case AttemptOutcome.Failed or AttemptOutcome.FailedForGood or AttemptOutcome.Unanswered:
                span?.SetStatus(ActivityStatusCode.Error);
                metrics.AttemptFailed(tenant, outcome == AttemptOutcome.FailedForGood);
                break;
            case AttemptOutcome.Released or AttemptOutcome.Waiting:
                metrics.Released(tenant);
                break;
            case AttemptOutcome.Lost:
                metrics.LeaseLost(tenant);
                break;
        }
    }

    [LoggerMessage(1200, LogLevel.Information, "Completed: {Passed} of {Cases} passed, {Errored} errored, {Unscored} unscored: {EvalStatus}")]
    private partial void LogCompleted(int passed, int cases, int errored, int unscored, string evalStatus);

    [LoggerMessage(1201, LogLevel.Warning, "Attempt failed, the run is {Status}; 'run show {RunId}' says why")]
    private partial void LogFailed(string status, long runId);

    [LoggerMessage(1202, LogLevel.Debug, "Attempt failed: {Error}")]
    private partial void LogFailure(string error);

    [LoggerMessage(1203, LogLevel.Error, "Attempt failed unexpectedly")]
    private partial void LogUnexpected(Exception error);

    [LoggerMessage(1204, LogLevel.Warning, "The database was not available; the run continues later")]
    private partial void LogDatabaseOutage(Exception error);

    [LoggerMessage(1208, LogLevel.Error, "The server is short of memory, disk or handles; the run continues later")]
    private partial void LogHostFailure(Exception error);

    [LoggerMessage(1209, LogLevel.Warning, "{Deaths} processes vanished in a row while they worked this run; it is worked with no other run beside it")]
    private partial void LogAlone(int deaths);

    [LoggerMessage(1205, LogLevel.Information, "Reached RunTimeout ({RunTimeout}) with {Count} more cases done; the rest continues later")]
    private partial void LogRunTimeout(TimeSpan runTimeout, int count);

    [LoggerMessage(1212, LogLevel.Information, "Its turn is over, {Count} more cases done; others wait, and the rest continues later")]
    private partial void LogTurnOver(int count);

    [LoggerMessage(1206, LogLevel.Information, "Given back unfinished")]
    private partial void LogReleased();

    [LoggerMessage(1207, LogLevel.Information, "Stopped: run {RunId} was cancelled or taken over")]
    private partial void LogLost(long runId);

    /// <summary>One attempt and what it has seen so far.</summary>
    private sealed record Attempt(EvaluationRun Claim, EndpointPass Pass, EndpointPass? Judge, BatchTurn Turn, AttemptWatch Watch);
}
