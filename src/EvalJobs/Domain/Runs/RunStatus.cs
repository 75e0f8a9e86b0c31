namespace EvalJobs.Domain;

/// <summary>The life of an evaluation run. The permitted moves are in <see cref="RunLifecycle"/> and drawn in docs/develop/run-states.md.</summary>
public enum RunStatus
{
    /// <summary>Waits to be claimed, from its due time on.</summary>
    Pending,

    /// <summary>Claimed by one worker that holds its lease.</summary>
    Running,

    /// <summary>Every case has a result and the version its evaluation status.</summary>
    Completed,

    /// <summary>Given up: the last attempt failed, or the run can never succeed.</summary>
    Failed,

    /// <summary>Stopped by a person or by its version leaving TESTING.</summary>
    Cancelled,
}
