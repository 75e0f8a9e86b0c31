using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>Counts the runs of a batch by outcome. Safe for concurrent use.</summary>
internal sealed class BatchTally
{
    private readonly Lock _lock = new();
    private BatchCounts _counts;

    /// <summary>The counts so far.</summary>
    public BatchCounts Counts
    {
        get
        {
            lock (_lock)
                return _counts;
        }
    }

    /// <summary>A run was claimed.</summary>
    public void AddClaimed()
    {
        lock (_lock)
            _counts = _counts with { Claimed = _counts.Claimed + 1 };
    }

    /// <summary>An attempt ended.</summary>
    public void AddEnded(AttemptOutcome outcome)
    {
        lock (_lock)
        {
            _counts = outcome switch
            {
                AttemptOutcome.Completed => _counts with { Completed = _counts.Completed + 1 },
                AttemptOutcome.Failed or AttemptOutcome.FailedForGood or AttemptOutcome.Unanswered => _counts with { Failed = _counts.Failed + 1 },
                _ => _counts with { Released = _counts.Released + 1 },
            };
        }
    }
}
