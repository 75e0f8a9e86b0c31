namespace EvalJobs.Domain;

/// <summary>Decides what an attempt comes to that has a result for every case. The cause is kept apart: an agent or a judge that was away says nothing about the version.</summary>
internal static class AttemptRule
{
    /// <param name="tally">The run's results.</param>
    /// <param name="maxUnjudgedShare">Share of the cases, 0 to 1, that may stay UNSCORED because their judge could not be asked.</param>
    public static AttemptEnd Decide(RunTally tally, double maxUnjudgedShare)
    {
        if (tally.ResultCount > 0 && tally.ErroredCount + tally.UnjudgedCount == tally.ResultCount)
            return AttemptEnd.NoVerdict;
        return tally.UnansweredCount > 0 || tally.UnjudgedCount > maxUnjudgedShare * tally.CaseCount ? AttemptEnd.AskAgain : AttemptEnd.Complete;
    }
}

/// <summary>What an attempt comes to.</summary>
internal enum AttemptEnd
{
    /// <summary>The results say something about the version.</summary>
    Complete,

    /// <summary>Some cases have no verdict for a cause that may pass: they are asked again while there are attempts left.</summary>
    AskAgain,

    /// <summary>No case has a verdict, and not because of the cases: the attempt failed.</summary>
    NoVerdict,
}
