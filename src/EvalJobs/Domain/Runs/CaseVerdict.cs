namespace EvalJobs.Domain;

/// <summary>The outcome of one test case. Only <see cref="Passed"/> counts towards the pass rate.</summary>
public enum CaseVerdict
{
    /// <summary>The score reached the scorer's threshold.</summary>
    Passed,

    /// <summary>The agent answered and the score was below the threshold.</summary>
    Failed,

    /// <summary>The agent did not answer usefully: unreachable, timed out, too large.</summary>
    Errored,

    /// <summary>The agent answered but the scorer could not judge. A verdict is never guessed.</summary>
    Unscored,
}
