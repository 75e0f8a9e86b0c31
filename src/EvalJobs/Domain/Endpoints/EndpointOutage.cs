namespace EvalJobs.Domain;

/// <summary>An endpoint that does not answer a tenant: its circuit breaker is open. The tenant's runs wait for it, and no failed attempt is counted.</summary>
internal sealed record EndpointOutage
{
    /// <summary>Part of the error of each run that waits for its endpoint.</summary>
    public const string RunWaits = "the run waits for it";

    /// <summary>What the agent is reached by: host and port, or <c>process</c> and the command's name.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The tenant.</summary>
    public required long TenantId { get; init; }

    /// <summary>When it was first found not to answer, UTC in the database's clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it was last tried, UTC.</summary>
    public required DateTimeOffset TriedAt { get; init; }

    /// <summary>How often it has not answered so far.</summary>
    public required int TryCount { get; init; }

    /// <summary>The error of the last try. It may quote an answer.</summary>
    public string? LastError { get; init; }

    /// <summary>How long it has not answered, milliseconds by the database's clock.</summary>
    public required long AgeMs { get; init; }

    /// <returns>Whether the error of a run says that it waits for its endpoint.</returns>
    public static bool IsReasonOf(string? error) => error?.Contains(RunWaits, StringComparison.Ordinal) == true;
}
