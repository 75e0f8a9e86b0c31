using System.Net.Http.Headers;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Asks one model service. Safe for concurrent use.</summary>
internal sealed class ChatCompletionClient(
    HttpClient http, ChatEndpoint endpoint, IReadOnlyList<(string Name, string Value)> headers, SecretRedactor secrets, string tenantSlug) : IDisposable
{
    private readonly Uri _url = endpoint.RequestUrl;

    /// <summary>Asks once; the HTTP client's pipeline retries if that may help.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="clock">The time limit of the answer; it is stopped while the request waits for a slot. Null for no limit.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer, without secrets.</returns>
    /// <exception cref="AgentCallException">No answer, an answer that is not 2xx, one that is not of the endpoint's form, or one that reports an error.</exception>
    public async Task<ChatReply> CompleteAsync(ChatRequest request, CaseClock? clock, CancellationToken cancellationToken)
    {
        using var message = MessageFor(request, clock);
        try
        {
            using var response = await http.SendAsync(message, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw AgentFailure.Status(response, _url, secrets);
            return Read(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (AgentCallException error)
        {
            throw AgentFailure.Redacted(error, secrets);
        }
        catch (HttpRequestException error)
        {
            throw AgentFailure.NoAnswer(_url, error, secrets);
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage MessageFor(ChatRequest request, CaseClock? clock)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(endpoint.Form.Write(request, endpoint.Model)) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        RequestHeaders.AddTo(message, headers);
        message.Options.Set(AgentCall.Key, new AgentCall
        {
            TenantSlug = tenantSlug,
            Clock = clock,
            Describe = response => AgentFailure.Status(response, _url, secrets).Message,
            FindError = body => ChatError.InBody(body),
        });
        return message;
    }

    private ChatReply Read(byte[] body)
    {
        try
        {
            var reply = endpoint.Form.Read(body);
            return reply with { Choices = [.. reply.Choices.Select(Redacted)] };
        }
        catch (ChatFormatException error)
        {
            throw AgentFailure.Unreadable(_url, $"not {endpoint.Form.AnswersAre}: {error.Message}.", TextBody.Lenient(body), secrets);
        }
        catch (ChatErrorException error)
        {
            throw new AgentCallException($"{_url.Authority} answered with an error: {secrets.Redact(error.Error.Words)}")
            {
                IsTransient = error.Error.IsTransient,
                RejectionText = error.Error.IsTransient ? null : secrets.Redact(error.Error.Words),
            };
        }
    }

    private ChatChoice Redacted(ChatChoice choice) => choice with
    {
        Text = secrets.Redact(choice.Text),
        Refusal = choice.Refusal is { } refusal ? secrets.Redact(refusal) : null,
        FinishReason = choice.FinishReason is { } reason ? Excerpt.Of(secrets.Redact(reason), 50) : null,
        ToolCalls = choice.ToolCalls.Count == 0 ? [] : [.. choice.ToolCalls.Select(Redacted)],
    };

    private AgentToolCall Redacted(AgentToolCall call) =>
        new(secrets.Redact(call.Name), secrets.Redact(call.Arguments), call.Id is { } id ? secrets.Redact(id) : null);
}
