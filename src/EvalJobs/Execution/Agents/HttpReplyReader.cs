using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Reads the reply out of one answer of an <c>http</c> target: text, JSON or a stream of events.</summary>
/// <param name="target">Says where the reply and its figures are.</param>
/// <param name="maxReplyBytes">Largest reply.</param>
/// <param name="url">What was asked, for messages.</param>
/// <param name="secrets">Takes the secrets out of the reply and of messages.</param>
internal sealed class HttpReplyReader(HttpTarget target, int maxReplyBytes, Uri url, SecretRedactor secrets)
{
    /// <param name="body">The answer's body.</param>
    /// <param name="type">Its Content-Type, if it has one.</param>
    /// <exception cref="AgentCallException">There is no reply in it, or a larger one than is allowed.</exception>
    public AgentReply Read(byte[] body, MediaTypeHeaderValue? type) => Read(TextOf(body, type));

    private string TextOf(byte[] body, MediaTypeHeaderValue? type)
    {
        try
        {
            return TextBody.Of(body, type);
        }
        catch (FormatException error)
        {
            throw AgentFailure.Unreadable(url, $"{error.Message}.", TextBody.Lenient(body), secrets);
        }
    }

    private AgentReply Read(string body) => target.Form switch
    {
        ReplyForm.ServerSentEvents => ReadEvents(EventStream.ServerSent(body), body),
        ReplyForm.JsonLines => ReadEvents(EventStream.ByLines(body), body),
        _ => ReadSingle(body),
    };

    private AgentReply ReadSingle(string body)
    {
        if (!target.ReadsJson)
            return Reply(body);

        using var json = Parse(body);
        if (json is null)
            return Reply(body);

        var root = json.RootElement;
        var text = target.ReplyPath is null ? body
            : TextAt(target.ReplyPath, root, body) ?? throw AgentFailure.Unreadable(url, $"nothing at target.replyPath '{target.ReplyPath}'.", body, secrets);
        return Reply(text) with
        {
            InputTokens = Figures.Whole(target.InputTokensPath, root),
            OutputTokens = Figures.Whole(target.OutputTokensPath, root),
            Cost = Figures.Number(target.CostPath, root),
        };
    }

    /// <summary>The texts of all events are joined; a figure is the one of the last event that has it.</summary>
    private AgentReply ReadEvents(IEnumerable<string> events, string body)
    {
        StringBuilder? text = null;
        var reply = new AgentReply("");
        foreach (var each in events)
        {
            if (!target.ReadsJson)
            {
                (text ??= new()).Append(each);
                continue;
            }

            using var json = Parse(each);
            if (json is null)
                continue;
            var root = json.RootElement;
            var part = target.ReplyPath is null ? each : TextAt(target.ReplyPath, root, each);
            if (part is not null)
                (text ??= new()).Append(part);
            reply = reply with
            {
                InputTokens = Figures.Whole(target.InputTokensPath, root) ?? reply.InputTokens,
                OutputTokens = Figures.Whole(target.OutputTokensPath, root) ?? reply.OutputTokens,
                Cost = Figures.Number(target.CostPath, root) ?? reply.Cost,
            };
        }
        return text is not null
            ? reply with { Output = Reply(text.ToString()).Output }
            : throw AgentFailure.Unreadable(url, target.ReplyPath is null ? "no event in the stream." : $"no event has anything at target.replyPath '{target.ReplyPath}'.", body, secrets);
    }

    /// <returns>Null when the body is no JSON and only figures were sought in it: they are optional and never make a reply an error.</returns>
    private JsonDocument? Parse(string body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return target.ReplyPath is null
                ? null
                : throw AgentFailure.Unreadable(url, $"{JsonErrorText.Of(body)}.", body, secrets);
        }
    }

    /// <returns>The text at the path; several are joined. Null when there is none, or JSON null.</returns>
    private string? TextAt(JsonPath path, JsonElement root, string body)
    {
        try
        {
            var found = path.ResolveAll(root).Where(value => value.ValueKind != JsonValueKind.Null).ToList();
            return found.Count == 0 ? null : string.Concat(found.Select(JsonPath.TextOf));
        }
        catch (InvalidInputException error)
        {
            throw AgentFailure.Unreadable(url, error.Message, body, secrets);
        }
    }

    private AgentReply Reply(string text)
    {
        var output = secrets.Redact(text);

        // Other charsets can grow when they become UTF-8.
        if (Encoding.UTF8.GetByteCount(output) > maxReplyBytes)
            throw new AgentCallException($"The reply from {url.Authority} is larger than EvalJobs:Agents:MaxReplyBytes ({maxReplyBytes} bytes).");
        return new AgentReply(output);
    }
}
