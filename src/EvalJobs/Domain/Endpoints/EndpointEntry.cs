namespace EvalJobs.Domain;

/// <summary>Whether a run may ask its endpoint now.</summary>
/// <param name="Access">What the run may do.</param>
/// <param name="Outage">What is known of the endpoint; null when it is not known to fail this tenant.</param>
internal readonly record struct EndpointEntry(EndpointAccess Access, EndpointOutage? Outage)
{
    /// <summary>No outage of the endpoint is known.</summary>
    public static EndpointEntry Free => new(EndpointAccess.Free, null);

    /// <summary>The endpoint does not answer several other tenants.</summary>
    public static EndpointEntry OneTry => new(EndpointAccess.OneTry, null);
}

/// <summary>What a run may do with its endpoint.</summary>
internal enum EndpointAccess
{
    /// <summary>Ask.</summary>
    Free,

    /// <summary>Ask one question, and the others only when it was answered.</summary>
    OneTry,

    /// <summary>Wait: the endpoint does not answer, and it is not due to be tried again.</summary>
    Wait,
}
