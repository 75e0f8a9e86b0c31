namespace EvalJobs.Domain;

/// <summary>The status of a tenant batch. QUEUED and RUNNING are live; a tenant has at most one live batch.</summary>
internal enum BatchStatus
{
    /// <summary>Reserved for a tenant; its Hangfire job has not started.</summary>
    Queued,

    /// <summary>Being worked by one Hangfire worker.</summary>
    Running,

    /// <summary>Ended normally, even if some of its runs failed.</summary>
    Completed,

    /// <summary>Ended by an error of its own, such as an unreachable database.</summary>
    Failed,

    /// <summary>Its lease expired or its Hangfire job was gone; the tenant is free for a new one.</summary>
    Abandoned,
}
