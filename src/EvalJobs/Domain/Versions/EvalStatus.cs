namespace EvalJobs.Domain;

/// <summary>The outcome of the latest evaluation of an agent version. It decides whether the version may be promoted.</summary>
public enum EvalStatus
{
    /// <summary>Never evaluated.</summary>
    NotRun,

    /// <summary>A run is pending or running.</summary>
    Running,

    /// <summary>The latest ended run reached its suite's pass threshold.</summary>
    Pass,

    /// <summary>The latest ended run missed its suite's pass threshold, or failed.</summary>
    Fail,
}
