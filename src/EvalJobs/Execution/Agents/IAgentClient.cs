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
public sealed record AgentQuestion(string Input, string CaseKey);

/// <summary>One answer.</summary>
/// <param name="Output">The reply text, at most <see cref="AgentOptions.MaxReplyBytes"/> as UTF-8.</param>
/// <param name="InputTokens">Tokens read, where the agent says so.</param>
/// <param name="OutputTokens">Tokens written, where the agent says so.</param>
/// <param name="Cost">Cost in the genome's currency, where known.</param>
public sealed record AgentReply(string Output, long? InputTokens = null, long? OutputTokens = null, double? Cost = null);
