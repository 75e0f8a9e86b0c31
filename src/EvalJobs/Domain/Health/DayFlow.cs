namespace EvalJobs.Domain;

/// <summary>The runs of one tenant created and ended in one hour of the clock of the last 24 hours.</summary>
internal sealed record DayFlow
{
    /// <summary>The tenant.</summary>
    public required long TenantId { get; init; }

    /// <summary>The hour: full hours since 1970, UTC. The earliest is counted in part: from 24 hours before now.</summary>
    public required long Hour { get; init; }

    /// <summary>Runs created.</summary>
    public required long CreatedCount { get; init; }

    /// <summary>Runs completed, whatever they say of their version.</summary>
    public required long CompletedCount { get; init; }

    /// <summary>Runs that failed permanently.</summary>
    public required long FailedCount { get; init; }

    /// <summary>Runs cancelled.</summary>
    public required long CancelledCount { get; init; }

    /// <summary>Cases passed in the completed runs that are not void.</summary>
    public required long PassedCaseCount { get; init; }

    /// <summary>Cases of the completed runs that are not void.</summary>
    public required long CaseCount { get; init; }

    /// <summary>Runs that ended, with any status.</summary>
    public long EndedCount => CompletedCount + FailedCount + CancelledCount;

    /// <returns>The <see cref="Hour"/> that holds a moment.</returns>
    public static long HourOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / 3600;

    /// <returns>The start of an <see cref="Hour"/>, UTC.</returns>
    public static DateTimeOffset StartOf(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);
}
