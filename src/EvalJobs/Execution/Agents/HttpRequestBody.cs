using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Writes the bodies of an <c>http</c> target's requests.</summary>
/// <param name="template">The target's body, with placeholders.</param>
/// <param name="secrets">The secrets it names.</param>
internal sealed class HttpRequestBody(JsonElement template, IReadOnlyDictionary<string, string> secrets)
{
    /// <returns>The body of the request that asks a question, UTF-8.</returns>
    /// <exception cref="AgentCallException">The template needs JSON, and the case's input is not JSON.</exception>
    public byte[] For(AgentQuestion question)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
            Write(writer, template, question);
        return body.ToArray();
    }

    private void Write(Utf8JsonWriter writer, JsonElement part, AgentQuestion question)
    {
        switch (part.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in part.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, question);
                }
                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in part.EnumerateArray())
                    Write(writer, item, question);
                writer.WriteEndArray();
                break;

            case JsonValueKind.String when part.ValueEquals(HttpTarget.InputJson):
                WriteInputJson(writer, question.Input);
                break;

            case JsonValueKind.String:
                writer.WriteStringValue(Placeholders.Fill(part.GetString()!, mark => mark switch
                {
                    "input" => question.Input,
                    "caseKey" => question.CaseKey,
                    _ => secrets[Placeholders.SecretName(mark)!],
                }));
                break;

            default:
                writer.WriteRawValue(part.GetRawText());
                break;
        }
    }

    private static void WriteInputJson(Utf8JsonWriter writer, string input)
    {
        try
        {
            using var parsed = JsonDocument.Parse(input);
            parsed.RootElement.WriteTo(writer);
        }
        catch (JsonException error)
        {
            throw new AgentCallException($"target.body asks for {HttpTarget.InputJson}, but the case's input is {JsonErrorText.Of(input)}.", error);
        }
    }
}
