using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Cancels, retries or reorders many runs at once: the use cases of one run, for each run that a filter finds.</summary>
/// <remarks>Each run is a transaction of its own. A run whose status no longer allows it is skipped and counted.</remarks>
internal sealed class ChangeRuns(RunListRepository lists, CancelRun cancel, RetryRun retry, SetRunPriority setPriority)
{
    /// <summary>Runs at most in one call.</summary>
    public const int MaxRuns = 1000;

    /// <param name="filter">Which runs; its status must allow the change.</param>
    /// <param name="change">What to do with each.</param>
    /// <param name="priority">For <see cref="RunChange.Priority"/>.</param>
    /// <param name="limit">Runs at most, newest first; 1 to <see cref="MaxRuns"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stops after the current run.</param>
    /// <exception cref="InvalidInputException">The limit or the priority is out of range, or the status does not fit.</exception>
    public async Task<ChangedRuns> ExecuteAsync(RunListFilter filter, RunChange change, int? priority, int limit, string actor, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxRuns)
            throw new InvalidInputException($"limit: expected 1 to {MaxRuns}.");
        if ((change == RunChange.Priority) != (priority is not null))
            throw new InvalidInputException("priority: it is given with the change PRIORITY, and only then.");
        if (priority is { } requested)
            RunPriority.Validate(requested);
        var changed = new List<long>();
        var skipped = new List<long>();
        foreach (var status in Statuses(change, filter.Status))
        {
            foreach (var run in await lists.ListAsync(filter with { Status = status }, limit - changed.Count - skipped.Count, cancellationToken))
                (await TryAsync(run.Id, change, priority ?? 0, actor, cancellationToken) ? changed : skipped).Add(run.Id);
            if (changed.Count + skipped.Count >= limit)
                break;
        }

        return new ChangedRuns(changed, skipped);
    }

    private static RunStatus[] Statuses(RunChange change, RunStatus? requested)
    {
        RunStatus[] possible = change switch
        {
            RunChange.Cancel => [RunStatus.Pending, RunStatus.Running],
            RunChange.Retry => [RunStatus.Failed, RunStatus.Cancelled],
            _ => [RunStatus.Pending],
        };
        return requested is not { } one ? possible
            : possible.Contains(one) ? [one]
            : throw new InvalidInputException($"filter.status: expected one of {string.Join(", ", possible.Select(StoredWord.Of))} for this change.");
    }

    /// <summary>Changes one run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="change">What to do with it.</param>
    /// <param name="priority">For <see cref="RunChange.Priority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The run that repeats it, for <see cref="RunChange.Retry"/>; else null.</returns>
    /// <exception cref="NotAllowedException">Its state does not allow it.</exception>
    public async Task<long?> ExecuteAsync(long runId, RunChange change, int priority, string actor, CancellationToken cancellationToken)
    {
        switch (change)
        {
            case RunChange.Retry:
                return (await retry.ExecuteAsync(runId, actor, cancellationToken)).Id;
            case RunChange.Cancel:
                await cancel.ExecuteAsync(runId, actor, cancellationToken);
                return null;
            default:
                await setPriority.ExecuteAsync(runId, priority, actor, cancellationToken);
                return null;
        }
    }

    private async Task<bool> TryAsync(long runId, RunChange change, int priority, string actor, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(runId, change, priority, actor, cancellationToken);
            return true;
        }
        catch (NotAllowedException)
        {
            // It ended, was retried or was deleted since it was listed.
            return false;
        }
    }
}

/// <summary>What can be done with many runs at once.</summary>
internal enum RunChange
{
    /// <summary>See <see cref="CancelRun"/>.</summary>
    Cancel,

    /// <summary>See <see cref="RetryRun"/>.</summary>
    Retry,

    /// <summary>See <see cref="SetRunPriority"/>.</summary>
    Priority,
}

/// <summary>The outcome of a change of many runs.</summary>
/// <param name="Changed">Runs that were changed; for retries, those that were repeated.</param>
/// <param name="Skipped">Runs whose status no longer allowed the change.</param>
internal sealed record ChangedRuns(IReadOnlyList<long> Changed, IReadOnlyList<long> Skipped);
