using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Any JSON endpoint: URL, method, headers, body template, and where the reply sits in the response. See docs/guide/agents.md.</summary>
internal sealed class HttpAgent(IHttpClientFactory http, TenantSecrets secrets, AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "http";

    /// <inheritdoc/>
    public void Validate(Genome genome) => HttpTarget.Read(genome.Target);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var target = HttpTarget.Read(binding.Genome.Target);
        var values = target.SecretNames.ToDictionary(name => name, name => secrets.Get(binding.TenantSlug, name), StringComparer.Ordinal);
        return new Client(http.CreateClient(AgentRegistration.HttpClientName), target, values, binding.TenantSlug, options.MaxReplyBytes);
    }

    private sealed class Client : IAgentClient
    {
        private readonly HttpClient _http;
        private readonly HttpTarget _target;
        private readonly Dictionary<string, string> _secrets;
        private readonly SecretRedactor _redactor;
        private readonly List<(string Name, string Value)> _headers;
        private readonly string _tenantSlug;
        private readonly int _maxReplyBytes;

        public Client(HttpClient http, HttpTarget target, Dictionary<string, string> secrets, string tenantSlug, int maxReplyBytes)
        {
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
            using var request = RequestFor(question, url);
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
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
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private HttpRequestMessage RequestFor(AgentQuestion question, Uri url)
        {
            var request = new HttpRequestMessage(_target.Method, url);
            if (_target.Body is { } template)
            {
                request.Content = new ByteArrayContent(BodyFor(template, question));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

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

        private AgentReply Read(string body, Uri url)
        {
            if (!_target.ReadsJson)
                return Reply(body, url);

            using var json = Parse(body, url);
            if (json is null)
                return Reply(body, url);

            var root = json.RootElement;
            return Reply(_target.ReplyPath is null ? body : ReplyAt(_target.ReplyPath, root, body, url), url) with
            {
                InputTokens = Figures.Whole(_target.InputTokensPath, root),
                OutputTokens = Figures.Whole(_target.OutputTokensPath, root),
                Cost = Figures.Number(_target.CostPath, root),
            };
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

        private string ReplyAt(JsonPath path, JsonElement root, string body, Uri url)
        {
            if (path.Resolve(root) is not { ValueKind: not JsonValueKind.Null } value)
                throw AgentFailure.Unreadable(url, $"nothing at target.replyPath '{path}'.", body, _redactor);
            try
            {
                return JsonPath.TextOf(value);
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
