using System.Text.Encodings.Web;
using System.Text.Json;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>One message of a request.</summary>
/// <param name="Role"><c>system</c> or <c>user</c>.</param>
/// <param name="Content">Its text.</param>
internal sealed record ChatMessage(string Role, string Content);

/// <summary>What is sent to a chat endpoint, apart from the model.</summary>
/// <param name="Messages">The messages, in order.</param>
/// <param name="Fields">Further fields of the request as the endpoint spells them, sent in this order and word for word.</param>
internal sealed record ChatRequest(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<KeyValuePair<string, JsonElement>> Fields)
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The body of the request, UTF-8.</returns>
    public byte[] ToJson(string? model)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Format))
        {
            writer.WriteStartObject();
            if (model is not null)
                writer.WriteString("model", model);

            writer.WriteStartArray("messages");
            foreach (var message in Messages)
            {
                writer.WriteStartObject();
                writer.WriteString("role", message.Role);
                writer.WriteString("content", message.Content);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();

            foreach (var (name, value) in Fields)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return json.ToArray();
    }
}

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
        "length", "max_tokens", "max_output_tokens", "model_length", "token_limit", "truncated",
    };

    private static readonly HashSet<string> FilterReasons = new(StringComparer.OrdinalIgnoreCase)
    {
        "content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii",
    };

    private static readonly HashSet<string> AbortReasons = new(StringComparer.OrdinalIgnoreCase) { "abort", "aborted", "cancelled", "canceled", "timeout" };

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
