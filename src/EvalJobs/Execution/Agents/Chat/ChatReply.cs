namespace EvalJobs.Execution.Agents.Chat;

/// <summary>What a chat endpoint answered.</summary>
/// <param name="Choices">At least one, ordered by the index the endpoint gave.</param>
/// <param name="InputTokens">Tokens read; null when the endpoint does not say.</param>
/// <param name="OutputTokens">Tokens written; null when the endpoint does not say.</param>
internal sealed record ChatReply(IReadOnlyList<ChatChoice> Choices, long? InputTokens, long? OutputTokens);

/// <summary>One choice of an answer. No text in it holds a secret.</summary>
internal sealed record ChatChoice
{
    private static readonly HashSet<string> CutReasons = new(StringComparer.OrdinalIgnoreCase)
    {
        "length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded", "token_limit", "truncated",
    };

    private static readonly HashSet<string> FilterReasons = new(StringComparer.OrdinalIgnoreCase)
    {
        "content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii", "refusal",
    };

    private static readonly HashSet<string> AbortReasons = new(StringComparer.OrdinalIgnoreCase) { "abort", "aborted", "cancelled", "canceled", "timeout", "pause_turn" };

    /// <summary>The text; empty when there is none. Thinking and references are no text.</summary>
    public required string Text { get; init; }

    /// <summary>The model's refusal; null when it did not refuse.</summary>
    public required string? Refusal { get; init; }

    /// <summary>The tool calls, in order.</summary>
    public required IReadOnlyList<AgentToolCall> ToolCalls { get; init; }

    /// <summary>The finish reason as the endpoint spells it; null when it gives none.</summary>
    public required string? FinishReason { get; init; }

    /// <summary>Types of the content's parts that carry no text and are not known to be reasoning, such as <c>image_url</c>.</summary>
    public required IReadOnlyList<string> OtherParts { get; init; }

    /// <summary>Whether the reply ends where a length limit cut it.</summary>
    public bool IsCut => FinishReason is { } reason && CutReasons.Contains(reason);

    /// <summary>Whether a content filter changed or ended the reply.</summary>
    public bool IsFiltered => FinishReason is { } reason && FilterReasons.Contains(reason);

    /// <summary>Whether the server ended the reply before the model did.</summary>
    public bool IsAborted => FinishReason is { } reason && AbortReasons.Contains(reason);
}
