namespace EvalJobs.Domain;

/// <summary>One tick: the runs it rescued and the batches it queued.</summary>
internal sealed record Dispatch
{
    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>What started it.</summary>
    public required DispatchTrigger Trigger { get; init; }

    /// <summary>Start, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>End, UTC; null while it runs, or if its process ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Runs with an expired lease returned to PENDING.</summary>
    public int RequeuedCount { get; init; }

    /// <summary>Runs with an expired lease and no attempt left, now FAILED.</summary>
    public int ExhaustedCount { get; init; }

    /// <summary>Batches whose lease expired or whose Hangfire job was gone.</summary>
    public int AbandonedBatchCount { get; init; }

    /// <summary>Tenants with due work.</summary>
    public int TenantCount { get; init; }

    /// <summary>Batches queued.</summary>
    public int QueuedBatchCount { get; init; }
}
