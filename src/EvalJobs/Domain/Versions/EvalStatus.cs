namespace EvalJobs.Domain;

/// <summary>What the latest evaluation says about an agent version; gates its promotion.</summary>
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
