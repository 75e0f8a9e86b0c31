namespace EvalJobs.Execution.Agents;

/// <summary>Asks one agent version questions. Safe for concurrent use. Disposed at the end of the run's attempt.</summary>
public interface IAgentClient : IAsyncDisposable
{
    /// <summary>Asks one question. Deadlines are the caller's: the token is cancelled when the case's time is up.</summary>
    /// <exception cref="AgentCallException">No useful answer: the case is ERRORED.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken);
}

/// <summary>One question to an agent.</summary>
/// <param name="Input">The test case's input.</param>
/// <param name="CaseKey">The test case's stable name.</param>
public sealed record AgentQuestion(string Input, string CaseKey)
{
    /// <summary>The time limit of the answer; null for no limit.</summary>
    internal CaseClock? Clock { get; init; }

    /// <summary>
    /// Stops the time of the case until the result is disposed. A client that has to wait for something other than the agent (a slot, a rate
    /// limit) calls it for the wait.
    /// </summary>
    /// <returns>Null when the question has no time limit.</returns>
    public IDisposable? PauseClock() => Clock?.Pause();
}

/// <summary>One answer.</summary>
/// <param name="Output">The reply text, at most <c>EvalJobs:Agents:MaxReplyBytes</c> as UTF-8.</param>
/// <param name="InputTokens">Tokens read, if the agent reports them.</param>
/// <param name="OutputTokens">Tokens written, if the agent reports them.</param>
/// <param name="Cost">Cost in the genome's currency, where known.</param>
public sealed record AgentReply(string Output, long? InputTokens = null, long? OutputTokens = null, double? Cost = null)
{
    /// <summary>The tools the agent called, in order; empty when it called none or does not say.</summary>
    public IReadOnlyList<AgentToolCall> ToolCalls { get; init; } = [];

    /// <summary>Why the reply ended, in the endpoint's own spelling; null when it does not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Whether a length limit cut the reply.</summary>
    public bool IsCut { get; init; }

    /// <summary>A remark about the output, stored with the verdict; null for none.</summary>
    public string? Remark { get; init; }
}

/// <summary>One call of a tool by an agent.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments as the agent wrote them: JSON where the agent wrote JSON; empty when it gave none.</param>
/// <param name="Id">The agent's own name for the call, if it gives one.</param>
public sealed record AgentToolCall(string Name, string Arguments, string? Id = null);
