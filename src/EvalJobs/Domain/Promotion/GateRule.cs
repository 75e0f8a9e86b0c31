namespace EvalJobs.Domain;

/// <summary>How the evidence about a suite is judged.</summary>
internal enum GateRule
{
    /// <summary>The pooled pass rate over all looks reaches the threshold.</summary>
    Rate,

    /// <summary>The same, and a test that may be looked at after every run shows that it was not luck.</summary>
    Evidence,

    /// <summary>On the same cases the version is not worse than its baseline by the margin or more.</summary>
    NotWorse,
}

/// <summary>What the evidence says of a requirement.</summary>
internal enum GateVerdict
{
    /// <summary>The requirement is met.</summary>
    Pass,

    /// <summary>The evidence does not decide yet. For promotion this is as good as <see cref="Fail"/>.</summary>
    Inconclusive,

    /// <summary>The requirement is missed.</summary>
    Fail,
}
