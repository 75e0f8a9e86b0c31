using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Telemetry;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The recurring tick: rescues runs with an expired lease, then queues one <see cref="TenantBatchJob"/> per tenant with due work.</summary>
/// <remarks>Overlapping ticks, double triggers and restarts are harmless: a tenant has at most one live batch.</remarks>
[AutomaticRetry(Attempts = 0)]
internal sealed partial class DispatchPendingEvaluationsJob(
    DispatchRepository dispatches, RunRescueRepository rescues, BacklogScanner backlog, ClockWatch clock, ExecutionOptions options,
    EvaluationMetrics metrics, ILogger<DispatchPendingEvaluationsJob> logger)
{
    private static readonly Func<ILogger, long, IDisposable?> DispatchScope = LoggerMessage.DefineScope<long>("Dispatch {DispatchId}");

    /// <summary>The tick as Hangfire calls it.</summary>
    /// <returns>What the tick did; the dashboard shows it as the job's result.</returns>
    [JobDisplayName("Process pending evaluations")]
    public Task<DispatchSummary> RunAsync(CancellationToken cancellationToken) => DispatchAsync(DispatchTrigger.Recurring, cancellationToken);

    /// <summary>The tick as an operator requests it.</summary>
    /// <returns>What the tick did.</returns>
    [JobDisplayName("Process pending evaluations now")]
    public Task<DispatchSummary> RunNowAsync(CancellationToken cancellationToken) => DispatchAsync(DispatchTrigger.Manual, cancellationToken);

    private async Task<DispatchSummary> DispatchAsync(DispatchTrigger trigger, CancellationToken cancellationToken)
    {
        var dispatchId = await dispatches.StartAsync(trigger, cancellationToken);
        using var scope = DispatchScope(logger, dispatchId);
        using var span = EvaluationTrace.Source.StartActivity(EvaluationTrace.Tick)?.SetTag("evaljobs.dispatch.id", dispatchId);
        LogStarted();

        // A clock that was set forward makes the leases of running processes expire; they are renewed before the next tick.
        var (abandoned, rescue) = (0, Rescue.Nothing);
        if (await clock.WasSetForwardWithinAsync(options.Lease, cancellationToken))
        {
            LogClockSetForward();
        }
        else
        {
            abandoned = await dispatches.AbandonExpiredBatchesAsync(cancellationToken);
            rescue = await RescueAsync(cancellationToken);
        }

        // A clock that was set back must not delay runs that were created before.
        await rescues.ResetFutureDueTimesAsync(cancellationToken);
        metrics.Rescued(rescue.Requeued, rescue.PoisonedOf);
        var (tenants, queued) = await backlog.ScheduleDueAsync(dispatchId, cancellationToken);

        var summary = new DispatchSummary(dispatchId, rescue.Requeued, rescue.Poisoned, abandoned, tenants, queued);
        await dispatches.FinishAsync(summary, cancellationToken);
        LogComplete(queued, tenants, rescue.Requeued, rescue.Poisoned, abandoned);
        return summary;
    }

    /// <summary>Rescues runs with an expired lease. A failure of the rescue must not stop the rest of the tick.</summary>
    private async Task<Rescue> RescueAsync(CancellationToken cancellationToken)
    {
        var rescue = Rescue.Nothing;
        try
        {
            await foreach (var step in rescues.RescueExpiredAsync(options.PoisonDeaths, options.RetryBackoff, cancellationToken))
                rescue = rescue.And(step);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogRescueIncomplete(error);
        }

        return rescue;
    }

    [LoggerMessage(1000, LogLevel.Information, "Processing pending evaluations")]
    private partial void LogStarted();

    [LoggerMessage(1001, LogLevel.Information,
        "Tick complete: {Queued} batches queued for {Tenants} tenants with due work; {Requeued} runs requeued, {Poisoned} failed as poison, {Abandoned} batches abandoned")]
    private partial void LogComplete(int queued, int tenants, int requeued, int poisoned, int abandoned);

    [LoggerMessage(1003, LogLevel.Warning, "The clock was set forward: runs with an expired lease are requeued by the next tick, when living processes have renewed theirs")]
    private partial void LogClockSetForward();

    [LoggerMessage(1002, LogLevel.Error, "Not all runs with an expired lease could be requeued; the next tick tries again")]
    private partial void LogRescueIncomplete(Exception error);
}
