namespace EvalJobs.Jobs;

/// <summary>How one attempt at a run ended.</summary>
internal enum AttemptOutcome
{
    /// <summary>The run completed.</summary>
    Completed,

    /// <summary>The attempt failed; the run waits for the next.</summary>
    Failed,

    /// <summary>The attempt failed and the run with it.</summary>
    FailedForGood,

    /// <summary>The run was released unfinished.</summary>
    Released,

    /// <summary>The run was cancelled, or claimed by another worker.</summary>
    Lost,

    /// <summary>The agent's endpoint did not answer; the run waits for it, and no failed attempt is counted.</summary>
    Unanswered,

    /// <summary>The endpoint is known not to answer; nothing was asked, and the run waits.</summary>
    Waiting,
}
