namespace EvalJobs.Domain;

/// <summary>What the evidence says of an agent version now. It decides whether the version may be promoted.</summary>
/// <remarks>It follows from the version's requirements; see docs/guide/gate.md. A version without requirements keeps its status.</remarks>
public enum EvalStatus
{
    /// <summary>There is no evidence: no run of a required suite has completed or failed.</summary>
    NotRun,

    /// <summary>A run of a required suite is pending or running.</summary>
    Running,

    /// <summary>The evidence meets every requirement.</summary>
    Pass,

    /// <summary>There is evidence, but it does not meet every requirement, or the latest run of a required suite failed.</summary>
    Fail,
}
