namespace EvalJobs.Execution.Agents;

/// <summary>The agent did not answer usefully. The message is stored with the case and shown to people: it never holds a secret.</summary>
public sealed class AgentCallException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether asking again later may help: no connection, a rate limit, an error of the server (429, 5xx). Default false.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the endpoint itself failed: no connection, or an error of the server (5xx). Any other answer shows that it works. Default false.</summary>
    public bool IsOutage { get; init; }

    /// <summary>The message of a server that rejects the request itself (400, 422 and similar), without secrets; null for any other failure.</summary>
    internal string? RejectionText { get; init; }
}
