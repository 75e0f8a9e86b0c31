using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>
/// One form in which model services are asked for a reply: what a genome may say, what is sent, and how the answer is read. One file each; everything else
/// (addresses, slots, retries, limits, secrets) is shared. Keeps no state.
/// </summary>
internal abstract class ChatForm
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The <c>target.type</c> of its agents.</summary>
    public abstract string Type { get; }

    /// <summary>Where a genome or judge that names no endpoint goes.</summary>
    public abstract Uri PublicUrl { get; }

    /// <summary>What is added to the endpoint's path, such as <c>chat/completions</c>.</summary>
    public abstract string Path { get; }

    /// <summary>The header that carries the API key unless the settings name another one.</summary>
    public virtual string KeyHeader => "Authorization";

    /// <summary>The header that carries <c>apiVersion</c>; null when it is Azure's <c>api-version</c> in the query.</summary>
    public virtual string? VersionHeader => null;

    /// <summary>The API version where the settings name none; null for none.</summary>
    public virtual string? DefaultVersion => null;

    /// <summary>What <c>modelConfig</c> may hold, besides <c>extraBody</c> and <c>pricing</c>.</summary>
    public abstract IReadOnlyList<string> ModelSettings { get; }

    /// <summary>Fields of the request that <c>extraBody</c> may not set: those written from other settings, and those that change the form of the answer.</summary>
    public abstract IReadOnlySet<string> OwnFields { get; }

    /// <summary>What <c>toolManifest</c> is a list of, for messages.</summary>
    public abstract string ToolsAre { get; }

    /// <summary>What an answer is called in messages, such as "a chat completion".</summary>
    public abstract string AnswersAre { get; }

    /// <returns>The request's fields for <see cref="ModelSettings"/>, in the order in which they are sent.</returns>
    /// <exception cref="InvalidInputException">A setting is wrong; the message names it.</exception>
    public abstract IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model);

    /// <exception cref="InvalidInputException">The tool is not valid in this form; the message says why.</exception>
    public abstract void ValidateTool(string name, JsonElement tool);

    /// <returns>The body of a request, UTF-8.</returns>
    public byte[] Write(ChatRequest request, string? model)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Format))
        {
            writer.WriteStartObject();
            if (model is not null)
                writer.WriteString("model", model);
            WritePrompt(writer, request);
            foreach (var (name, value) in request.Fields)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return json.ToArray();
    }

    /// <exception cref="ChatFormatException">Not an answer of this form; the message says where and why.</exception>
    /// <exception cref="ChatErrorException">The body reports an error.</exception>
    public abstract ChatReply Read(ReadOnlyMemory<byte> body);

    /// <summary>Writes the fields that hold system prompt and question.</summary>
    protected abstract void WritePrompt(Utf8JsonWriter writer, ChatRequest request);

    /// <summary>Writes one message.</summary>
    protected static void WriteMessage(Utf8JsonWriter writer, string role, string content)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }

    /// <summary>Sends a setting under the service's own name, word for word, when it is given.</summary>
    protected static IEnumerable<KeyValuePair<string, JsonElement>> Given(params IEnumerable<(string Name, JsonElement? Value)> fields) =>
        fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!.Value));

    /// <exception cref="InvalidInputException">The setting is neither a text nor a list of texts.</exception>
    protected static JsonElement? StopOf(JsonSettings model) => model.Value("stop") switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => list,
        _ => throw new InvalidInputException("modelConfig.stop must be a text or a list of texts."),
    };
}

/// <summary>What is sent to a model service, apart from the model.</summary>
/// <param name="System">The system prompt; null for none.</param>
/// <param name="User">The question.</param>
/// <param name="Fields">Further fields of the request as the service spells them, sent in this order and word for word.</param>
internal sealed record ChatRequest(string? System, string User, IReadOnlyList<KeyValuePair<string, JsonElement>> Fields);
