using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Any model service with one form of requests, with the genome's prompt, model settings and tools. See docs/guide/agents.md.</summary>
internal sealed class ChatAgent(ChatForm form, ChatClientFactory chats, AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => form.Type;

    /// <inheritdoc/>
    public void Validate(Genome genome) => ChatGenome.Read(genome, form);

    /// <inheritdoc/>
    public string? EndpointOf(Genome genome) => ChatGenome.Read(genome, form).Endpoint.Url.Authority;

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var genome = ChatGenome.Read(binding.Genome, form);
        return new Client(chats.Create(genome.Endpoint, binding.TenantSlug), genome, options.MaxReplyBytes);
    }

    private sealed class Client(ChatCompletionClient chat, ChatGenome genome, int maxReplyBytes) : IAgentClient
    {
        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var answer = await chat.CompleteAsync(genome.RequestFor(question), question.Clock, cancellationToken);

            // One choice is requested; if a server sends more, the first one is the reply.
            var choice = answer.Choices[0];
            var output = OutputOf(choice);

            // The whole response was held to the limit; a short secret, replaced by a longer ***, could still pass it.
            if (Encoding.UTF8.GetByteCount(output) > maxReplyBytes)
                throw new AgentCallException($"The reply is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");

            return new AgentReply(output, answer.InputTokens, answer.OutputTokens, genome.Pricing?.CostOf(answer.InputTokens, answer.OutputTokens))
            {
                ToolCalls = choice.ToolCalls,
                FinishReason = choice.FinishReason,
                IsCut = choice.IsCut,
                Remark = RemarkOn(choice),
            };
        }

        public ValueTask DisposeAsync()
        {
            chat.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <returns>The tool calls as JSON; without any the text; without text the refusal.</returns>
        private static string OutputOf(ChatChoice choice)
        {
            if (choice.ToolCalls.Count > 0)
                return ToolCallJson.Of(choice.ToolCalls);
            if (choice.Text.Length > 0)
                return choice.Text;
            if (choice.Refusal is { } refusal)
                return refusal;

            var parts = choice.OtherParts.Count == 0 ? "" : $"; parts that cannot be read as text: {string.Join(", ", choice.OtherParts.Distinct(StringComparer.Ordinal))}";
            throw new AgentCallException($"The model replied with neither text nor tool calls (finish reason: {choice.FinishReason ?? "none"}{parts}).");
        }

        /// <returns>A remark about the output; null for none.</returns>
        private static string? RemarkOn(ChatChoice choice)
        {
            var remarks = new List<string>();
            if (choice.IsCut)
                remarks.Add($"The reply was cut by a length limit (finish reason {choice.FinishReason}).");
            else if (choice.IsFiltered || choice.IsAborted)
                remarks.Add($"The reply may not be whole (finish reason {choice.FinishReason}).");
            if (choice.ToolCalls.Count > 0 && !string.IsNullOrWhiteSpace(choice.Text))
                remarks.Add($"Text in addition to the tool calls: {Excerpt.Of(choice.Text, 200)}");
            if (choice.OtherParts.Count > 0)
                remarks.Add($"Parts that cannot be read as text: {string.Join(", ", choice.OtherParts.Distinct(StringComparer.Ordinal))}.");
            return remarks.Count == 0 ? null : string.Join(' ', remarks);
        }
    }
}

/// <summary>Tool calls as the JSON that scorers see: <c>[{"name":…,"arguments":…}]</c>.</summary>
internal static class ToolCallJson
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IReadOnlyList<AgentToolCall> calls)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Format))
        {
            writer.WriteStartArray();
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("arguments");
                WriteArguments(writer, call.Arguments);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(json.ToArray());
    }

    /// <summary>As the model wrote them; what is not JSON stays a text.</summary>
    private static void WriteArguments(Utf8JsonWriter writer, string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            // A call without arguments; many servers write it as an empty text.
            writer.WriteStartObject();
            writer.WriteEndObject();
            return;
        }
        try
        {
            using var parsed = JsonDocument.Parse(arguments);
            parsed.RootElement.WriteTo(writer);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            writer.WriteStringValue(arguments);
        }
    }
}
