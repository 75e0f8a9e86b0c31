namespace EvalJobs.Domain;

/// <summary>The failures of one tenant: agents that have not answered recently, and runs that failed permanently and need action.</summary>
/// <remarks>Reasons name runs and never quote an error: it may hold a reply, and reasons are logged and sent.</remarks>
internal sealed record TenantFailures
{
    /// <summary>Agents named in the reasons; of further ones only the number is given.</summary>
    private const int MaxNamedAgents = 3;

    /// <summary>No failures.</summary>
    public static readonly TenantFailures None = new();

    /// <summary>Agents of which attempts failed and no run has completed since.</summary>
    public IReadOnlyList<FailingAgent> Agents { get; init; } = [];

    /// <summary>Runs that failed permanently, that nobody has acknowledged and that no later run of the version and suite has replaced.</summary>
    public int RunsNeedingAction { get; init; }

    /// <summary>The latest of them; null when there is none.</summary>
    public long? LastRunNeedingAction { get; init; }

    /// <summary>A sentence of each agent that does not answer.</summary>
    public IEnumerable<string> AgentReasons => Agents.Count <= MaxNamedAgents
        ? Agents.Select(agent => agent.Reason)
        : [.. Agents.Take(MaxNamedAgents).Select(agent => agent.Reason), $"{Agents.Count - MaxNamedAgents} more of its agents do not answer either."];

    /// <summary>What to decide about failed runs, as a sentence; null for nothing.</summary>
    public string? ActionReason => RunsNeedingAction switch
    {
        0 => null,
        1 => $"Run {LastRunNeedingAction} failed permanently: retry or acknowledge it.",
        _ => $"{RunsNeedingAction} runs failed permanently, the latest is run {LastRunNeedingAction}: retry or acknowledge them.",
    };
}

/// <summary>An agent of which attempts failed recently and no run has completed since.</summary>
internal sealed record FailingAgent
{
    /// <summary>Its tenant.</summary>
    public required long TenantId { get; init; }

    /// <summary>Its name, common to all its versions.</summary>
    public required string AgentName { get; init; }

    /// <summary>Attempts that failed since its last completed run.</summary>
    public required int FailedAttempts { get; init; }

    /// <summary>The latest of their runs.</summary>
    public required long LastRunId { get; init; }

    internal string Reason => $"{FailedAttempts} attempts of the agent '{AgentName}' failed and none of its runs has completed since: does it answer? Run {LastRunId} says why.";
}
