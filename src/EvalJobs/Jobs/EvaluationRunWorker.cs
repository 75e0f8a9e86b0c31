using System.Data.Common;
using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Works one claimed run: asks the cases that have no result yet, stores the results as they come, ends the attempt.</summary>
internal sealed partial class EvaluationRunWorker(
    RunClaimRepository claims, AgentVersionRepository versions, RunExecutor executor, IsolationGate isolation, ExecutionOptions options,
    EvaluationMetrics metrics, ILogger<EvaluationRunWorker> logger)
{
    private static readonly Func<ILogger, string, long, int, IDisposable?> RunScope =
        LoggerMessage.DefineScope<string, long, int>("Tenant {Tenant}, run {RunId}, attempt {Attempt}");

    /// <summary>Works the run to an end of its attempt.</summary>
    /// <param name="hold">The claimed run.</param>
    /// <param name="tenant">Its tenant.</param>
    /// <param name="stopping">Cancelled when the server shuts down or an operator deletes the job: the run is given back.</param>
    /// <returns>How the attempt ended. A failure of the run's own is an outcome, not an exception.</returns>
    /// <exception cref="Exception">The database cannot be written; the run's lease expires and a tick takes it back.</exception>
    public async Task<AttemptOutcome> WorkAsync(RunHold hold, Tenant tenant, CancellationToken stopping)
    {
        var claim = hold.Claim;
        using var scope = RunScope(logger, tenant.Slug, claim.Id, claim.Attempt);
        using var span = EvaluationTrace.Source.StartActivity(EvaluationTrace.Run)?
            .SetTag(EvaluationTrace.Tenant, tenant.Slug).SetTag("evaljobs.run.id", claim.Id).SetTag("evaljobs.attempt", claim.Attempt);
        metrics.Claimed(tenant.Slug);

        var outcome = await AttemptAsync(hold, tenant, stopping);
        Measure(tenant.Slug, outcome, span);
        return outcome;
    }

    private async Task<AttemptOutcome> AttemptAsync(RunHold hold, Tenant tenant, CancellationToken stopping)
    {
        var claim = hold.Claim;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(hold.Lost, stopping);
        var progress = new AttemptProgress();

        try
        {
            if (stopping.IsCancellationRequested)
                return await ReleaseAsync(claim);

            var alone = claim.DeathCount >= options.PoisonDeaths;
            using var place = await isolation.EnterAsync(alone, limit.Token);
            if (alone)
            {
                LogAlone(claim.DeathCount);
                await claims.MarkAloneAsync(claim, limit.Token);
            }

            limit.CancelAfter(options.RunTimeout);
            await AskAndStoreAsync(claim, tenant, progress, limit.Token);
            return await ConcludeAsync(claim, progress, hold.Lost);
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
            return await UnlessLostAsync(claim, () => TimeOutAsync(claim, progress));
        }
        catch (DbException error) when (error.IsOutage())
        {
            LogDatabaseOutage(error);
            return await UnlessLostAsync(claim, () => PostponeAsync(claim, error));
        }
        catch (Exception error) when (error.IsHostFailure())
        {
            LogHostFailure(error);
            return await UnlessLostAsync(claim, () => PostponeAsync(claim, error));
        }
        catch (RefusedException error)
        {
            return await UnlessLostAsync(claim, () => FailAsync(claim, error.Message, isPermanent: true));
        }
        catch (Exception error)
        {
            LogUnexpected(error);
            return await UnlessLostAsync(claim, () => FailAsync(claim, $"{error.GetType().Name}: {error.Message}", isPermanent: false));
        }
    }

    private async Task AskAndStoreAsync(EvaluationRun claim, Tenant tenant, AttemptProgress progress, CancellationToken cancellationToken)
    {
        var version = await versions.GetAsync(claim.VersionId, cancellationToken);
        if (!version.IsGenomeIntact)
        {
            throw new ConflictException(
                $"The genome of version {version.Id} no longer matches its hash {version.GenomeHash}: it was changed after it was created.");
        }

        var binding = new AgentBinding(tenant.Slug, Genome.Parse(version.Genome));
        var unanswered = claims.ReadUnansweredCasesAsync(claim.Id, cancellationToken);
        await foreach (var results in executor.ExecuteAsync(binding, unanswered, cancellationToken))
        {
            // Not cancelled half-way: an answer that was paid for is kept, and the fence alone decides whether it counts.
            await claims.SaveResultsAsync(claim, results, CancellationToken.None);
            progress.Add(results);
        }
    }

    private async Task<AttemptOutcome> ConcludeAsync(EvaluationRun claim, AttemptProgress progress, CancellationToken cancellationToken)
    {
        var tally = await claims.TallyAsync(claim.Id, cancellationToken);
        var end = AttemptRule.Decide(tally, options.MaxUnjudgedShare);
        if (end == AttemptEnd.NoVerdict)
        {
            var why = tally.UnjudgedCount == 0 ? "got a useful answer" : "got a verdict: the judge could not be asked, or the agent did not answer";
            return await FailAsync(claim, $"None of the {tally.CaseCount} cases {why}. The last error: {progress.LastError ?? "see the results"}", isPermanent: false);
        }

        // The last attempt completes as it is: what it could not ask stays without a verdict, and is counted so.
        if (end == AttemptEnd.AskAgain && claim.FailedAttempts + 1 < options.MaxAttempts)
        {
            return await AskAgainAsync(
                claim,
                $"{tally.UnansweredCount + tally.UnjudgedCount} of {tally.CaseCount} cases have no verdict for a cause that may pass and are asked again: {tally.UnansweredCount} without an answer of the agent, "
                    + $"{tally.UnjudgedCount} without one of the judge. The last error: {progress.LastError ?? "see the results"}");
        }

        var evalStatus = await claims.CompleteAsync(claim, cancellationToken);
        LogCompleted(tally.PassedCount, tally.CaseCount, tally.ErroredCount, tally.UnscoredCount, StoredWord.Of(evalStatus));
        return AttemptOutcome.Completed;
    }

    /// <summary>A long suite with a working agent takes turns; an agent that answers nothing has failed.</summary>
    private async Task<AttemptOutcome> TimeOutAsync(EvaluationRun claim, AttemptProgress progress)
    {
        if (progress.UsefulCount == 0)
        {
            return await FailAsync(
                claim, $"No case got a useful answer within RunTimeout ({options.RunTimeout}). The last error: {progress.LastError ?? "none: the agent never answered"}", isPermanent: false);
        }

        await claims.YieldAsync(claim, CancellationToken.None);
        LogRunTimeout(options.RunTimeout, progress.UsefulCount);
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
        await claims.PostponeAsync(claim, $"{(error is DbException ? "The database was not available" : "The server was short of memory, disk or handles")}: {error.Message}", options.RetryBackoff, CancellationToken.None);
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
            case AttemptOutcome.Failed or AttemptOutcome.FailedForGood:
                span?.SetStatus(ActivityStatusCode.Error);
                metrics.AttemptFailed(tenant, outcome == AttemptOutcome.FailedForGood);
                break;
            case AttemptOutcome.Released:
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

    [LoggerMessage(1206, LogLevel.Information, "Given back unfinished")]
    private partial void LogReleased();

    [LoggerMessage(1207, LogLevel.Information, "Stopped: run {RunId} was cancelled or taken over")]
    private partial void LogLost(long runId);

    /// <summary>What this attempt has seen so far.</summary>
    private sealed class AttemptProgress
    {
        public int UsefulCount { get; private set; }

        public string? LastError { get; private set; }

        public void Add(IReadOnlyList<TestCaseResult> results)
        {
            foreach (var result in results)
            {
                if (result.Verdict == CaseVerdict.Errored || result.AskAgain)
                    LastError = result.Error;
                else
                    UsefulCount++;
            }
        }
    }
}

/// <summary>How one attempt at a run ended.</summary>
internal enum AttemptOutcome
{
    /// <summary>The run completed.</summary>
    Completed,

    /// <summary>The attempt failed; the run waits for the next.</summary>
    Failed,

    /// <summary>The attempt failed and the run with it.</summary>
    FailedForGood,

    /// <summary>The run was given back unfinished.</summary>
    Released,

    /// <summary>The run was cancelled, or taken over by another worker.</summary>
    Lost,
}
