namespace EvalJobs.Domain;

/// <summary>The state of a tenant, or of the whole server, in one word.</summary>
internal enum HealthStatus
{
    /// <summary>Nothing to act on.</summary>
    Healthy,

    /// <summary>Someone should look; the reasons say at what.</summary>
    Warning,
}
