namespace EvalJobs.Domain;

/// <summary>That a recurring job of the server is paused, or was.</summary>
internal sealed record JobPause
{
    /// <summary>Characters of a reason at most.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>Hangfire's id of the recurring job.</summary>
    public string JobId { get; init; } = "";

    /// <summary>Whether it is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Why it was paused; null once it is resumed.</summary>
    public string? Reason { get; init; }

    /// <summary>Who paused or resumed it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Since when it is so, UTC in the database's clock.</summary>
    public DateTimeOffset At { get; init; }
}
