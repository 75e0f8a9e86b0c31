using Hangfire.States;
using Hangfire.Storage;

namespace EvalJobs.DependencyInjection;

/// <summary>Bounds how many ended jobs Hangfire's memory storage keeps: the oldest is deleted when another ends. Our tables are the record of work.</summary>
/// <remarks>Ended jobs also expire by time, but Hangfire keeps failed ones without limit, and many quick batches end in a minute. Safe for concurrent use.</remarks>
internal sealed class EndedJobLimit(int limit) : IApplyStateFilter
{
    private readonly Lock _lock = new();
    private readonly Queue<string> _ended = new();

    /// <inheritdoc/>
    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (!IsEnd(context.NewState.Name) || Add(context.BackgroundJob.Id) is not { } oldest)
            return;

        // A user may have started it again on the dashboard.
        if (context.Connection.GetStateData(oldest) is { } state && IsEnd(state.Name))
            transaction.ExpireJob(oldest, TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
    }

    /// <returns>The job to delete; null while there is room.</returns>
    private string? Add(string jobId)
    {
        lock (_lock)
        {
            _ended.Enqueue(jobId);
            return _ended.Count > limit ? _ended.Dequeue() : null;
        }
    }

    private static bool IsEnd(string state) => state == SucceededState.StateName || state == DeletedState.StateName || state == FailedState.StateName;
}
