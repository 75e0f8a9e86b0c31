namespace EvalJobs.Domain;

/// <summary>How the evidence about a suite is judged.</summary>
internal enum GateRule
{
    /// <summary>The pooled pass rate over all looks reaches the threshold.</summary>
    Rate,

    /// <summary>The same, and a test that may be read after every run shows that it was not chance.</summary>
    Evidence,

    /// <summary>On the same cases the version is not worse than its baseline by the margin or more.</summary>
    NotWorse,
}

/// <summary>The verdict of the evidence about a requirement.</summary>
internal enum GateVerdict
{
    /// <summary>The requirement is met.</summary>
    Pass,

    /// <summary>The evidence does not decide yet. For promotion this counts like <see cref="Fail"/>.</summary>
    Inconclusive,

    /// <summary>The requirement is not met.</summary>
    Fail,
}
