namespace EvalJobs.Domain;

/// <summary>The state of a tenant, or of the whole server, in one word.</summary>
internal enum HealthStatus
{
    /// <summary>No action is needed.</summary>
    Healthy,

    /// <summary>A person should act; the reasons say on what.</summary>
    Warning,
}
