namespace EvalJobs.Domain;

/// <summary>Decides the outcome of an attempt with a result for every case. The cause matters: an outage of the agent or a judge says nothing about the version.</summary>
internal static class AttemptRule
{
    /// <param name="tally">The run's results.</param>
    /// <param name="maxUnjudgedShare">Share of the cases, 0 to 1, that may stay UNSCORED because their judge did not answer.</param>
    public static AttemptEnd Decide(RunTally tally, double maxUnjudgedShare)
    {
        if (tally.ResultCount > 0 && tally.ErroredCount + tally.UnjudgedCount == tally.ResultCount)
            return AttemptEnd.NoVerdict;
        return tally.UnansweredCount > 0 || tally.UnjudgedCount > maxUnjudgedShare * tally.CaseCount ? AttemptEnd.AskAgain : AttemptEnd.Complete;
    }
}

/// <summary>The outcome of an attempt.</summary>
internal enum AttemptEnd
{
    /// <summary>The results say something about the version.</summary>
    Complete,

    /// <summary>Some cases have no verdict because of a temporary failure. They are asked again while there are attempts left.</summary>
    AskAgain,

    /// <summary>No case has a verdict, and the cases are not the cause: the attempt failed.</summary>
    NoVerdict,
}
