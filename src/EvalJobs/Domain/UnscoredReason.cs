namespace EvalJobs.Domain;

/// <summary>Why a case is <see cref="CaseVerdict.Unscored"/>: the case itself, or the judge.</summary>
/// <remarks>Only the first says something about the case. With the others the attempt failed, not the agent.</remarks>
public enum UnscoredReason
{
    /// <summary>The scorer works, but cannot judge this reply: a limit was reached, a script failed, a verdict was unreadable.</summary>
    CaseCannotBeJudged,

    /// <summary>The judge does not answer for a while: unreachable, overloaded, rate limited, out of quota. Asking again later may help.</summary>
    JudgeUnavailable,

    /// <summary>The judge cannot be used as configured: a missing or wrong key, an unknown model. A person must act first.</summary>
    JudgeMisconfigured,
}
