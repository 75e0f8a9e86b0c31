namespace EvalJobs.Domain;

/// <summary>The results of a run so far, counted.</summary>
internal sealed record RunTally
{
    /// <summary>Cases of the run's suite revision, with or without a result.</summary>
    public required int CaseCount { get; init; }

    /// <summary>Results with verdict PASSED.</summary>
    public required int PassedCount { get; init; }

    /// <summary>Results with verdict FAILED.</summary>
    public required int FailedCount { get; init; }

    /// <summary>Results with verdict ERRORED.</summary>
    public required int ErroredCount { get; init; }

    /// <summary>Results with verdict UNSCORED.</summary>
    public required int UnscoredCount { get; init; }

    /// <summary>ERRORED cases with a temporary cause: no connection, an overloaded or limited endpoint, no reply in time.</summary>
    public int UnansweredCount { get; init; }

    /// <summary>UNSCORED cases whose judge could not be asked.</summary>
    public int UnjudgedCount { get; init; }

    /// <summary>Replies that a length limit cut, of any verdict.</summary>
    public int CutCount { get; init; }

    /// <summary>Weighted mean of the scores that exist: Σ(weight · score) / Σ(weight) over scored results; null when none is scored.</summary>
    public double? OverallScore { get; init; }

    /// <summary>Sum where known.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Sum where known.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Sum where known.</summary>
    public double? Cost { get; init; }

    /// <summary>Results of any verdict.</summary>
    public int ResultCount => PassedCount + FailedCount + ErroredCount + UnscoredCount;

    /// <summary>passed / cases.</summary>
    public double PassRate => PassRule.PassRate(PassedCount, CaseCount);
}
