namespace EvalJobs.Domain;

/// <summary>What came in and what ended of one tenant in one of the last 24 hours.</summary>
internal sealed record DayFlow
{
    /// <summary>The tenant.</summary>
    public required long TenantId { get; init; }

    /// <summary>Full hours before now: 0 is the hour that ends now, 23 the earliest.</summary>
    public required long HoursAgo { get; init; }

    /// <summary>Runs created.</summary>
    public required long CreatedCount { get; init; }

    /// <summary>Runs completed, whatever they say of their version.</summary>
    public required long CompletedCount { get; init; }

    /// <summary>Runs that failed for good.</summary>
    public required long FailedCount { get; init; }

    /// <summary>Runs cancelled.</summary>
    public required long CancelledCount { get; init; }

    /// <summary>Cases passed in the completed runs.</summary>
    public required long PassedCaseCount { get; init; }

    /// <summary>Cases of the completed runs.</summary>
    public required long CaseCount { get; init; }

    /// <summary>Runs that ended, however they did.</summary>
    public long EndedCount => CompletedCount + FailedCount + CancelledCount;
}
