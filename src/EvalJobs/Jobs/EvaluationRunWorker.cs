using System.Data.Common;
using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Works one claimed run: asks the cases that have no result yet, stores the results as they arrive. <see cref="AttemptConclusion"/> ends the attempt.</summary>
internal sealed partial class EvaluationRunWorker(
    RunClaimRepository claims, AgentVersionRepository versions, RunExecutor executor, ScoringService scoring, EndpointBreaker breaker, IsolationGate isolation, AttemptConclusion conclusion,
    ExecutionOptions options, EvaluationMetrics metrics, ILogger<EvaluationRunWorker> logger)
{
    /// <summary>The case at which each further attempt begins, evenly distributed for any number of attempts (golden ratio).</summary>
    private const double AttemptStride = 0.618034;

    private static readonly Func<ILogger, string, long, int, IDisposable?> RunScope =
        LoggerMessage.DefineScope<string, long, int>("Tenant {Tenant}, run {RunId}, attempt {Attempt}");

    /// <summary>Works the run until its attempt ends.</summary>
    /// <param name="hold">The claimed run.</param>
    /// <param name="tenant">Its tenant.</param>
    /// <param name="turn">The batch's time: when it is over, the run is released with the cases that are done.</param>
    /// <param name="stopping">Cancelled when the server shuts down or an operator deletes the job: the run is released.</param>
    /// <returns>How the attempt ended. A failure of the run is an outcome, not an exception.</returns>
    /// <exception cref="Exception">The database cannot be written; the run's lease expires and a tick requeues it.</exception>
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
                return await conclusion.ReleaseAsync(claim);

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
                return await conclusion.WaitAsync(claim, outage);

            var judge = await EnterJudgeAsync(claim, pass, limit.Token);
            if (judge?.Entry is { Access: EndpointAccess.Wait, Outage: { } silence })
                return await conclusion.WaitAsync(claim, silence);

            attempt = new Attempt(claim, pass, judge, turn, NewWatch(pass, judge));
            await AskAndStoreAsync(attempt, binding, limit.Token);
            return await conclusion.ConcludeAsync(attempt, hold.Lost);
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
            return await UnlessLostAsync(claim, () => conclusion.ReleaseAsync(claim));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return await UnlessLostAsync(claim, () => conclusion.TimeOutAsync(claim, attempt));
        }
        catch (DbException error) when (error.IsOutage())
        {
            LogDatabaseOutage(error);
            return await UnlessLostAsync(claim, () => conclusion.PostponeAsync(claim, error));
        }
        catch (Exception error) when (error.IsHostFailure())
        {
            LogHostFailure(error);
            return await UnlessLostAsync(claim, () => error.IsOutOfMemory() ? conclusion.EndOutOfMemoryAsync(claim, alone, error) : conclusion.PostponeAsync(claim, error));
        }
        catch (NotAllowedException error)
        {
            return await UnlessLostAsync(claim, () => conclusion.FailAsync(claim, error.Message, isPermanent: true));
        }
        catch (Exception error)
        {
            LogUnexpected(error);
            return await UnlessLostAsync(claim, () => conclusion.FailAsync(claim, $"{error.GetType().Name}: {error.Message}", isPermanent: false));
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
            // Not cancelled: an answer that was paid for is kept, and the fence decides whether it counts.
            await claims.SaveResultsAsync(claim, results, CancellationToken.None);

            // An unusable answer is still an answer: the endpoint works.
            if (!isAlive && results.Any(result => !result.IsOutage))
            {
                isAlive = true;
                await breaker.CloseAsync(pass, CancellationToken.None);
            }

            // If the judge is not that of the first case, its endpoint was not checked yet.
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
                await turn.RecordAnswerAsync(isAnswered: true, CancellationToken.None);
            }
        }
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

    [LoggerMessage(1203, LogLevel.Error, "Attempt failed unexpectedly")]
    private partial void LogUnexpected(Exception error);

    [LoggerMessage(1204, LogLevel.Warning, "The database was not available; the run continues later")]
    private partial void LogDatabaseOutage(Exception error);

    [LoggerMessage(1208, LogLevel.Error, "The server is short of memory, disk or handles; the run continues later")]
    private partial void LogHostFailure(Exception error);

    [LoggerMessage(1209, LogLevel.Warning, "{Deaths} processes ended in a row while they worked this run; it is worked alone from now on")]
    private partial void LogAlone(int deaths);

    [LoggerMessage(1207, LogLevel.Information, "Stopped: run {RunId} was cancelled or taken over")]
    private partial void LogLost(long runId);
}
