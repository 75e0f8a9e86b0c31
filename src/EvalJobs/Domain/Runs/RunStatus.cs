namespace EvalJobs.Domain;

/// <summary>The status of an evaluation run. <see cref="RunLifecycle"/> has the allowed transitions; docs/develop/run-states.md draws them.</summary>
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
