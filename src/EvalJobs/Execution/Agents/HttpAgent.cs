using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Any JSON endpoint: URL, method, headers, body template, and where the reply sits in the response. See docs/guide/agents.md.</summary>
internal sealed class HttpAgent(IHttpClientFactory http, TenantSecrets secrets, AgentOptions options, TimeProvider? time = null) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "http";

    /// <inheritdoc/>
    public void Validate(Genome genome) => HttpTarget.Read(genome.Target);

    /// <inheritdoc/>
    public string? EndpointOf(Genome genome) => HttpTarget.Read(genome.Target).Authority;

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var target = HttpTarget.Read(binding.Genome.Target);
        var values = target.SecretNames.ToDictionary(name => name, name => secrets.Get(binding.TenantSlug, name), StringComparer.Ordinal);
        return new Client(http.CreateClient(AgentRegistration.HttpClientName), target, values, binding.TenantSlug, options.MaxReplyBytes, time ?? TimeProvider.System);
    }

    private sealed class Client : IAgentClient
    {
        private readonly HttpClient _http;
        private readonly HttpTarget _target;
        private readonly Dictionary<string, string> _secrets;
        private readonly TimeProvider _time;
        private readonly OAuthToken? _oauth;
        private volatile SecretRedactor _redactor;
        private readonly List<(string Name, string Value)> _headers;
        private readonly string _tenantSlug;
        private readonly int _maxReplyBytes;

        public Client(HttpClient http, HttpTarget target, Dictionary<string, string> secrets, string tenantSlug, int maxReplyBytes, TimeProvider time)
        {
            _time = time;
            _oauth = target.OAuth is { } oauth ? new OAuthToken(http, oauth, secrets[oauth.ClientSecretRef], tenantSlug, time) : null;
            _tenantSlug = tenantSlug;
            _http = http;
            _target = target;
            _secrets = secrets;
            _redactor = new SecretRedactor(secrets.Values);
            _maxReplyBytes = maxReplyBytes;
            _headers = target.Headers.Fill(secrets);
        }

        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var url = _target.UrlFor(question);
            try
            {
                using var response = await SendAsync(question, url, cancellationToken);
                return response.IsSuccessStatusCode
                    ? Read(TextOf(await response.Content.ReadAsByteArrayAsync(cancellationToken), response, url), url)
                    : throw AgentFailure.Status(response, url, _redactor);
            }
            catch (AgentCallException error)
            {
                throw AgentFailure.Redacted(error, _redactor);
            }
            catch (HttpRequestException error)
            {
                throw AgentFailure.NoAnswer(url, error, _redactor);
            }
        }

        public ValueTask DisposeAsync()
        {
            _oauth?.Dispose();
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        /// <returns>The answer that holds the reply or says why there is none: an answer 202 is followed until another comes.</returns>
        private async Task<HttpResponseMessage> SendAsync(AgentQuestion question, Uri url, CancellationToken cancellationToken)
        {
            var response = await SendWithTokenAsync(() => RequestFor(question, url), question, cancellationToken);
            while (response.StatusCode == HttpStatusCode.Accepted && _target.Polling is { } polling)
            {
                using var accepted = response;
                var next = NextUrl(accepted, await accepted.Content.ReadAsByteArrayAsync(cancellationToken), polling, url);
                await Task.Delay(accepted.Headers.RetryAfter?.Delta ?? polling.Interval, _time, cancellationToken);
                response = await SendWithTokenAsync(() => Prepared(new HttpRequestMessage(HttpMethod.Get, next), question, next), question, cancellationToken);
            }
            return response;
        }

        private async Task<HttpResponseMessage> SendWithTokenAsync(Func<HttpRequestMessage> create, AgentQuestion question, CancellationToken cancellationToken)
        {
            if (_oauth is null)
            {
                using var request = create();
                return await _http.SendAsync(request, cancellationToken);
            }

            var response = await SendAsync(await TokenAsync(question, cancellationToken));
            if (response.StatusCode != HttpStatusCode.Unauthorized)
                return response;

            // The server may have ended the token before its time; once is enough to tell.
            response.Dispose();
            return await SendAsync(await TokenAsync(question, cancellationToken));

            async Task<HttpResponseMessage> SendAsync(string token)
            {
                using var request = create();
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                var answer = await _http.SendAsync(request, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.Unauthorized)
                    await _oauth.RejectedAsync(token, cancellationToken);
                return answer;
            }
        }

        private async Task<string> TokenAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var before = _oauth!.Current;
            var token = await _oauth.GetAsync(question.Clock, cancellationToken);
            if (token != before)
                _redactor = new SecretRedactor([.. _secrets.Values, token]);
            return token;
        }

        private Uri NextUrl(HttpResponseMessage accepted, byte[] body, HttpPolling polling, Uri url)
        {
            var text = polling.UrlPath is null ? accepted.Headers.Location?.OriginalString : UrlIn(body, polling.UrlPath);
            if (text is null || !Uri.TryCreate(url, text, out var next))
                throw AgentFailure.Unreadable(url, $"HTTP 202 without a URL to ask {(polling.UrlPath is null ? "in its Location header" : $"at target.poll.urlPath '{polling.UrlPath}'")}.", TextBody.Lenient(body), _redactor);

            // The headers may carry secrets, and those are for the target alone.
            return next.Scheme == url.Scheme && next.Authority == url.Authority
                ? next
                : throw new AgentCallException($"HTTP 202 from {url.Authority} leads to {next.Authority}; only the target's own host is asked.");
        }

        private static string? UrlIn(byte[] body, JsonPath path)
        {
            try
            {
                using var json = JsonDocument.Parse(body);
                return path.Resolve(json.RootElement) is { ValueKind: JsonValueKind.String } text ? JsonPath.TextOf(text) : null;
            }
            catch (Exception error) when (error is JsonException or InvalidInputException)
            {
                return null;
            }
        }

        private HttpRequestMessage RequestFor(AgentQuestion question, Uri url)
        {
            var request = new HttpRequestMessage(_target.Method, url);
            if (_target.Body is { } template)
            {
                request.Content = new ByteArrayContent(BodyFor(template, question));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }
            return Prepared(request, question, url);
        }

        private HttpRequestMessage Prepared(HttpRequestMessage request, AgentQuestion question, Uri url)
        {
            // A question for a reply that was accepted has no body for headers to describe.
            RequestHeaders.AddTo(request, _headers);
            request.Options.Set(AgentCall.Key, new AgentCall
            {
                TenantSlug = _tenantSlug,
                Clock = question.Clock,
                Describe = response => AgentFailure.Status(response, url, _redactor).Message,
            });
            return request;
        }

        private byte[] BodyFor(JsonElement template, AgentQuestion question)
        {
            using var body = new MemoryStream();
            using (var writer = new Utf8JsonWriter(body))
                Write(writer, template, question);
            return body.ToArray();
        }

        private void Write(Utf8JsonWriter writer, JsonElement template, AgentQuestion question)
        {
            switch (template.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var property in template.EnumerateObject())
                    {
                        writer.WritePropertyName(property.Name);
                        Write(writer, property.Value, question);
                    }
                    writer.WriteEndObject();
                    break;

                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in template.EnumerateArray())
                        Write(writer, item, question);
                    writer.WriteEndArray();
                    break;

                case JsonValueKind.String when template.ValueEquals(HttpTarget.InputJson):
                    WriteInputJson(writer, question.Input);
                    break;

                case JsonValueKind.String:
                    writer.WriteStringValue(Placeholders.Fill(template.GetString()!, mark => mark switch
                    {
                        "input" => question.Input,
                        "caseKey" => question.CaseKey,
                        _ => _secrets[Placeholders.SecretName(mark)!],
                    }));
                    break;

                default:
                    writer.WriteRawValue(template.GetRawText());
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
                throw new AgentCallException($"target.body asks for {HttpTarget.InputJson}, but the case's input is not JSON: {error.Message}", error);
            }
        }

        private string TextOf(byte[] body, HttpResponseMessage response, Uri url)
        {
            try
            {
                return TextBody.Of(body, response.Content.Headers.ContentType);
            }
            catch (FormatException error)
            {
                throw AgentFailure.Unreadable(url, $"{error.Message}.", TextBody.Lenient(body), _redactor);
            }
        }

        private AgentReply Read(string body, Uri url) => _target.Form switch
        {
            ReplyForm.ServerSentEvents => ReadEvents(EventStream.ServerSent(body), body, url),
            ReplyForm.JsonLines => ReadEvents(EventStream.ByLines(body), body, url),
            _ => ReadSingle(body, url),
        };

        private AgentReply ReadSingle(string body, Uri url)
        {
            if (!_target.ReadsJson)
                return Reply(body, url);

            using var json = Parse(body, url);
            if (json is null)
                return Reply(body, url);

            var root = json.RootElement;
            var text = _target.ReplyPath is null ? body
                : TextAt(_target.ReplyPath, root, body, url) ?? throw AgentFailure.Unreadable(url, $"nothing at target.replyPath '{_target.ReplyPath}'.", body, _redactor);
            return Reply(text, url) with
            {
                InputTokens = Figures.Whole(_target.InputTokensPath, root),
                OutputTokens = Figures.Whole(_target.OutputTokensPath, root),
                Cost = Figures.Number(_target.CostPath, root),
            };
        }

        /// <summary>The texts of all events are joined; a figure is the one of the last event that has it.</summary>
        private AgentReply ReadEvents(IEnumerable<string> events, string body, Uri url)
        {
            var text = new StringBuilder();
            var hasText = false;
            var reply = new AgentReply("");
            foreach (var each in events)
            {
                if (!_target.ReadsJson)
                {
                    (hasText, _) = (true, text.Append(each));
                    continue;
                }

                using var json = Parse(each, url);
                if (json is null)
                    continue;
                var root = json.RootElement;
                var part = _target.ReplyPath is null ? each : TextAt(_target.ReplyPath, root, each, url);
                if (part is not null)
                    (hasText, _) = (true, text.Append(part));
                reply = reply with
                {
                    InputTokens = Figures.Whole(_target.InputTokensPath, root) ?? reply.InputTokens,
                    OutputTokens = Figures.Whole(_target.OutputTokensPath, root) ?? reply.OutputTokens,
                    Cost = Figures.Number(_target.CostPath, root) ?? reply.Cost,
                };
            }
            return hasText
                ? reply with { Output = Reply(text.ToString(), url).Output }
                : throw AgentFailure.Unreadable(url, _target.ReplyPath is null ? "no event in the stream." : $"no event has anything at target.replyPath '{_target.ReplyPath}'.", body, _redactor);
        }

        /// <returns>Null when the body is no JSON and only figures were sought in it: they are extras and never spoil a reply.</returns>
        private JsonDocument? Parse(string body, Uri url)
        {
            try
            {
                return JsonDocument.Parse(body);
            }
            catch (JsonException error)
            {
                return _target.ReplyPath is null
                    ? null
                    : throw AgentFailure.Unreadable(url, $"not JSON ({error.Message}).", body, _redactor);
            }
        }

        /// <returns>The text at the path; several are joined. Null when there is none, or JSON null.</returns>
        private string? TextAt(JsonPath path, JsonElement root, string body, Uri url)
        {
            try
            {
                var found = path.ResolveAll(root).Where(value => value.ValueKind != JsonValueKind.Null).ToList();
                return found.Count == 0 ? null : string.Concat(found.Select(JsonPath.TextOf));
            }
            catch (InvalidInputException error)
            {
                throw AgentFailure.Unreadable(url, error.Message, body, _redactor);
            }
        }

        private AgentReply Reply(string text, Uri url)
        {
            var output = _redactor.Redact(text);

            // Other charsets can grow when they become UTF-8.
            if (Encoding.UTF8.GetByteCount(output) > _maxReplyBytes)
                throw new AgentCallException($"The reply from {url.Authority} is larger than EvalJobs:Agents:MaxReplyBytes ({_maxReplyBytes} bytes).");
            return new AgentReply(output);
        }
    }
}
