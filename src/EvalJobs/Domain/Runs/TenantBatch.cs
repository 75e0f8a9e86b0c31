namespace EvalJobs.Domain;

/// <summary>One child job: at most BatchLimit runs of one tenant.</summary>
internal sealed record TenantBatch
{
    /// <summary>Database identity; the child job's only argument.</summary>
    public required long Id { get; init; }

    /// <summary>The dispatch that made it; null when a pick-up or a continuation did.</summary>
    public long? DispatchId { get; init; }

    /// <summary>The tenant served.</summary>
    public required long TenantId { get; init; }

    /// <summary>The worker pool it was queued in; null means the common one.</summary>
    public string? WorkerPool { get; init; }

    /// <summary>The batch's status.</summary>
    public required BatchStatus Status { get; init; }

    /// <summary>Its Hangfire job.</summary>
    public string? HangfireJobId { get; init; }

    /// <summary>The process that queued it, later the one that works it.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>When the lease expires unless renewed, UTC in the database's clock.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>When it was queued, UTC.</summary>
    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>When a worker started it, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Runs claimed.</summary>
    public int ClaimedCount { get; init; }

    /// <summary>Runs completed, whatever their verdict.</summary>
    public int CompletedCount { get; init; }

    /// <summary>Attempts that failed, to be retried or not.</summary>
    public int FailedCount { get; init; }

    /// <summary>Runs released unfinished: shutdown, cancellation, or a lost lease.</summary>
    public int ReleasedCount { get; init; }

    /// <summary>Why the batch failed or was abandoned.</summary>
    public string? Error { get; init; }
}
