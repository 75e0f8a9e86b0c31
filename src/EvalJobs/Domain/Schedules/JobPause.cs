namespace EvalJobs.Domain;

/// <summary>The pause of a recurring job of the server, present or past.</summary>
internal sealed record JobPause
{
    /// <summary>Characters of a reason at most.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>The recurring job's id in Hangfire.</summary>
    public string JobId { get; init; } = "";

    /// <summary>Whether it is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Why it was paused; null once it is resumed.</summary>
    public string? Reason { get; init; }

    /// <summary>Who paused or resumed it.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Since when, UTC in the database's clock.</summary>
    public DateTimeOffset At { get; init; }
}
