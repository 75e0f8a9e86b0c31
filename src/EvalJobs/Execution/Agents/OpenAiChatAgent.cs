using System.Text;
using System.Text.Json;
using EvalJobs.Domain;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace EvalJobs.Execution.Agents;

/// <summary>Any OpenAI-compatible chat endpoint, with the genome's prompt, model settings and tools. See docs/guide/agents.md.</summary>
public sealed class OpenAiChatAgent(ChatClientFactory chats, AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "openai-chat";

    /// <inheritdoc/>
    public void Validate(Genome genome) => Recipe.Read(genome);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var recipe = Recipe.Read(binding.Genome);
        return new Client(chats.Create(recipe.Endpoint, binding.TenantSlug), recipe, options.MaxReplyBytes);
    }

    private sealed class Client(GuardedChatClient chat, Recipe recipe, int maxReplyBytes) : IAgentClient
    {
        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var response = await chat.GetResponseAsync(recipe.MessagesFor(question), recipe.Options, cancellationToken);
            var output = chat.Redact(OutputOf(response));

            // The whole response was held to the limit; a short secret, replaced by a longer ***, could still pass it.
            if (Encoding.UTF8.GetByteCount(output) > maxReplyBytes)
                throw new AgentCallException($"The reply is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");

            var (read, written) = (response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount);
            return new AgentReply(output, read, written, recipe.Pricing?.CostOf(read, written));
        }

        public ValueTask DisposeAsync()
        {
            chat.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <returns>The text; without text the tool calls as JSON; without either the refusal.</returns>
        private static string OutputOf(ChatResponse response)
        {
            if (response.Text.Length > 0)
                return response.Text;

            var contents = response.Messages.SelectMany(message => message.Contents).ToList();
            if (contents.OfType<FunctionCallContent>().ToList() is { Count: > 0 } calls)
                return JsonOf(calls);
            if (contents.OfType<ErrorContent>().FirstOrDefault() is { Message.Length: > 0 } refusal)
                return refusal.Message;

            throw new AgentCallException($"The model replied with neither text nor tool calls (finish reason: {response.FinishReason?.Value ?? "none"}).");
        }

        private static string JsonOf(List<FunctionCallContent> calls)
        {
            using var json = new MemoryStream();
            using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                writer.WriteStartArray();
                foreach (var call in calls)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", call.Name);
                    writer.WritePropertyName("arguments");
                    WriteArguments(writer, call);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
            return Encoding.UTF8.GetString(json.ToArray());
        }

        private static void WriteArguments(Utf8JsonWriter writer, FunctionCallContent call)
        {
            // As the model wrote them; the parsed form would lose what is no JSON object.
            var written = (call.RawRepresentation as ChatToolCall)?.FunctionArguments.ToString();
            try
            {
                using var arguments = JsonDocument.Parse(written ?? JsonSerializer.Serialize(call.Arguments));
                arguments.RootElement.WriteTo(writer);
            }
            catch (JsonException)
            {
                writer.WriteStringValue(written);
            }
        }
    }

    /// <summary>The genome as far as this type uses it, checked.</summary>
    private sealed record Recipe
    {
        private const string Input = "input";

        public required ChatEndpoint Endpoint { get; init; }
        public required ChatOptions Options { get; init; }
        public required Pricing? Pricing { get; init; }
        public required string? SystemPrompt { get; init; }
        public required string UserPrompt { get; init; }

        public static Recipe Read(Genome genome)
        {
            var target = new JsonSettings("target", genome.Target, "type", "endpoint", "model", "apiKeyRef");
            var model = new JsonSettings("modelConfig", genome.Section("modelConfig") ?? JsonElement.Parse("{}"),
                "model", "temperature", "topP", "maxOutputTokens", "seed", "stop", "pricing");

            if ((target.Text("model") ?? model.Text("model")) is null)
                throw new InvalidInputException("modelConfig.model is missing: the name of the model to ask.");
            var (system, user) = PromptOf(genome.Section("prompt"));

            return new Recipe
            {
                Endpoint = ChatEndpoint.Read("target", target, model.Text("model")),
                Options = OptionsOf(model, ToolsOf(genome.Section("toolManifest"))),
                Pricing = Pricing.Read(model.Value("pricing")),
                SystemPrompt = system,
                UserPrompt = user,
            };
        }

        public IEnumerable<ChatMessage> MessagesFor(AgentQuestion question)
        {
            if (SystemPrompt is not null)
                yield return new ChatMessage(ChatRole.System, SystemPrompt);
            yield return new ChatMessage(ChatRole.User, Placeholders.Fill(UserPrompt, mark => mark == Input ? question.Input : $"{{{{{mark}}}}}"));
        }

        private static (string? System, string User) PromptOf(JsonElement? prompt)
        {
            if (prompt is null)
                return (null, "{{input}}");
            if (prompt.Value.ValueKind == JsonValueKind.String)
                return (prompt.Value.GetString() is { Length: > 0 } text ? text : null, "{{input}}");

            var settings = new JsonSettings("prompt", prompt.Value, "system", "user");
            var user = settings.Text("user") ?? "{{input}}";
            return Placeholders.In(user).Contains(Input, StringComparer.Ordinal)
                ? (settings.Text("system"), user)
                : throw new InvalidInputException("prompt.user must hold {{input}}, or the model would never see the question.");
        }

        private static ChatOptions OptionsOf(JsonSettings model, List<ChatTool> tools) => new()
        {
            Temperature = (float?)model.Number("temperature", 0, 100),
            TopP = (float?)model.Number("topP", 0, 1),
            MaxOutputTokens = (int?)model.Whole("maxOutputTokens", 1, int.MaxValue),
            Seed = model.Whole("seed", long.MinValue, long.MaxValue),
            StopSequences = StopOf(model.Value("stop")),

            // Handed over as they stand: the SDK's own tool type keeps every word of the schema.
            RawRepresentationFactory = tools.Count == 0 ? null : _ =>
            {
                var completion = new ChatCompletionOptions();
                foreach (var tool in tools)
                    completion.Tools.Add(tool);
                return completion;
            },
        };

        private static List<string>? StopOf(JsonElement? stop) => stop switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => [text.GetString()!],
            { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. list.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw new InvalidInputException("modelConfig.stop must be a text or a list of texts."),
        };

        private static List<ChatTool> ToolsOf(JsonElement? manifest)
        {
            if (manifest is null)
                return [];
            if (manifest.Value.ValueKind != JsonValueKind.Array)
                throw new InvalidInputException("toolManifest must be a list of OpenAI function tools for target.type openai-chat.");
            return [.. manifest.Value.EnumerateArray().Select(ToolOf)];
        }

        private static ChatTool ToolOf(JsonElement tool, int index)
        {
            var outer = new JsonSettings($"toolManifest[{index}]", tool, "type", "function");
            if (outer.RequiredText("type") != "function" || outer.Value("function") is not { } function)
                throw new InvalidInputException($"toolManifest[{index}] must be {{ \"type\": \"function\", \"function\": {{ \"name\": … }} }}.");

            var name = $"toolManifest[{index}].function";
            var settings = new JsonSettings(name, function, "name", "description", "parameters", "strict");
            var parameters = settings.Value("parameters");
            if (parameters is { ValueKind: not JsonValueKind.Object })
                throw new InvalidInputException($"{name}.parameters must be a JSON schema object.");
            var strict = settings.Value("strict");
            if (strict is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
                throw new InvalidInputException($"{name}.strict must be true or false.");

            return ChatTool.CreateFunctionTool(
                settings.RequiredText("name"),
                settings.Text("description"),
                parameters is { } schema ? BinaryData.FromString(schema.GetRawText()) : null,
                strict?.GetBoolean());
        }
    }

    /// <summary>What a million tokens cost, in whatever currency the genome's author has in mind.</summary>
    private sealed record Pricing(double InputPerMillionTokens, double OutputPerMillionTokens)
    {
        public static Pricing? Read(JsonElement? pricing)
        {
            if (pricing is null)
                return null;
            var settings = new JsonSettings("modelConfig.pricing", pricing.Value, "inputPerMillionTokens", "outputPerMillionTokens");
            return new Pricing(Price("inputPerMillionTokens"), Price("outputPerMillionTokens"));

            double Price(string key) => settings.Number(key, 0, double.MaxValue)
                ?? throw new InvalidInputException($"modelConfig.pricing.{key} is missing.");
        }

        /// <returns>Null when the endpoint did not say how many tokens it took: a cost is never guessed.</returns>
        public double? CostOf(long? read, long? written) =>
            read is { } input && written is { } output ? ((input * InputPerMillionTokens) + (output * OutputPerMillionTokens)) / 1_000_000 : null;
    }
}
