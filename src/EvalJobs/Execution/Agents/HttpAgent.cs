using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Any JSON endpoint: URL, method, headers, body template, and where the reply sits in the response. See docs/agents.md.</summary>
public sealed class HttpAgent(IHttpClientFactory http, TenantSecrets secrets, AgentOptions options) : IAgentType
{
    /// <inheritdoc/>
    public string Name => "http";

    /// <inheritdoc/>
    public void Validate(Genome genome) => Target.Read(genome.Target);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding)
    {
        var target = Target.Read(binding.Genome.Target);
        var values = target.SecretNames.ToDictionary(name => name, name => secrets.Get(binding.TenantSlug, name), StringComparer.Ordinal);
        return new Client(http.CreateClient(AgentRegistration.HttpClientName), target, values, options.MaxReplyBytes);
    }

    private sealed class Client : IAgentClient
    {
        private readonly HttpClient _http;
        private readonly Target _target;
        private readonly Dictionary<string, string> _secrets;
        private readonly SecretRedactor _redactor;
        private readonly List<(string Name, string Value)> _headers;
        private readonly int _maxReplyBytes;

        public Client(HttpClient http, Target target, Dictionary<string, string> secrets, int maxReplyBytes)
        {
            _http = http;
            _target = target;
            _secrets = secrets;
            _redactor = new SecretRedactor(secrets.Values);
            _maxReplyBytes = maxReplyBytes;
            _headers = [.. target.Headers.Select(header => (header.Name, Placeholders.Fill(header.Value, mark => HeaderSecret(header.Name, mark))))];
        }

        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var url = _target.UrlFor(question);
            using var request = RequestFor(question, url);
            try
            {
                using var response = await _http.SendAsync(request, cancellationToken);
                var body = await TextOfAsync(response, url, cancellationToken);
                return response.IsSuccessStatusCode
                    ? Read(body, url)
                    : throw AgentFailure.Status((int)response.StatusCode, url, body, _redactor);
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

            foreach (var (name, value) in _headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, value))
                {
                    request.Content!.Headers.Remove(name);
                    request.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }
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

                case JsonValueKind.String when template.ValueEquals(Target.InputJson):
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
                throw new AgentCallException($"target.body asks for {Target.InputJson}, but the case's input is not JSON: {error.Message}", error);
            }
        }

        private async Task<string> TextOfAsync(HttpResponseMessage response, Uri url, CancellationToken cancellationToken)
        {
            try
            {
                return await response.Content.ReadAsStringAsync(cancellationToken);
            }
            catch (InvalidOperationException error)
            {
                throw new AgentCallException($"Unreadable reply from {url.Authority}: {_redactor.Redact(error.Message)}", error);
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
                    : throw AgentFailure.Unreadable(url, $"not JSON ({error.Message})", body, _redactor);
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

        private string HeaderSecret(string header, string mark)
        {
            var name = Placeholders.SecretName(mark)!;
            return HeaderText.IsSafe(_secrets[name])
                ? _secrets[name]
                : throw new InvalidInputException($"The secret '{name}' cannot stand in target.headers.{header}: it holds a line break or other characters that headers cannot carry.");
        }
    }

    /// <summary>The genome's target, checked.</summary>
    private sealed record Target
    {
        public const string InputJson = "{{inputJson}}";

        private static readonly string[] Methods = ["GET", "POST", "PUT"];

        // They steer the connection or the length of the message; a genome that sets them could smuggle a second request into it.
        private static readonly HashSet<string> ForbiddenHeaders = new(StringComparer.OrdinalIgnoreCase)
        {
            "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Expect", "Host", "HTTP2-Settings", "Keep-Alive",
            "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        };

        private static readonly JsonElement DefaultBody = JsonElement.Parse("""{"input":"{{input}}"}""");

        public required string Url { get; init; }
        public required HttpMethod Method { get; init; }
        public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }
        public required JsonElement? Body { get; init; }
        public required JsonPath? ReplyPath { get; init; }
        public required JsonPath? InputTokensPath { get; init; }
        public required JsonPath? OutputTokensPath { get; init; }
        public required JsonPath? CostPath { get; init; }

        public bool ReadsJson => (ReplyPath ?? InputTokensPath ?? OutputTokensPath ?? CostPath) is not null;

        public IEnumerable<string> SecretNames => Headers.Select(header => header.Value)
            .Concat(Body is { } body ? Strings(body) : [])
            .SelectMany(Placeholders.In)
            .Select(Placeholders.SecretName)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

        public static Target Read(JsonElement target)
        {
            var settings = new JsonSettings("target", target,
                "type", "url", "method", "headers", "body", "replyPath", "inputTokensPath", "outputTokensPath", "costPath");

            var method = settings.Text("method") ?? "POST";
            if (!Methods.Contains(method))
                throw new InvalidInputException($"target.method ({Excerpt.Of(method, 20)}) must be one of {string.Join(", ", Methods)}.");

            return new Target
            {
                Url = CheckedUrl(settings.RequiredText("url")),
                Method = new HttpMethod(method),
                Body = CheckedBody(settings.Value("body"), method),
                Headers = CheckedHeaders(settings.Value("headers"), hasBody: method != "GET"),
                ReplyPath = settings.Path("replyPath"),
                InputTokensPath = settings.Path("inputTokensPath"),
                OutputTokensPath = settings.Path("outputTokensPath"),
                CostPath = settings.Path("costPath"),
            };
        }

        public Uri UrlFor(AgentQuestion question)
        {
            var text = Placeholders.Fill(Url, mark => Uri.EscapeDataString(mark == "input" ? question.Input : question.CaseKey));
            return Uri.TryCreate(text, UriKind.Absolute, out var url)
                ? url
                : throw new AgentCallException("The case's input makes target.url unusable; it may be too long for a URL.");
        }

        private static string CheckedUrl(string template)
        {
            foreach (var mark in Placeholders.In(template))
            {
                if (Placeholders.SecretName(mark) is not null)
                    throw new InvalidInputException("target.url must not hold a secret, because URLs end up in logs; put it in a header or the body.");
                RefuseUnknown("target.url", mark, "input", "caseKey");
            }

            // The host is the genome's word alone: a test case must not choose whom we call.
            var authority = Math.Max(0, template.IndexOf("://", StringComparison.Ordinal) + 3);
            var end = template.IndexOfAny(['/', '?', '#', '\\'], authority);
            if (Placeholders.In(end < 0 ? template : template[..end]).Any())
                throw new InvalidInputException("target.url may hold {{input}} and {{caseKey}} in its path and query only.");

            AgentUrl.Parse("target.url", Placeholders.Fill(template, _ => "x"));
            return template;
        }

        private static JsonElement? CheckedBody(JsonElement? body, string method)
        {
            if (method == "GET")
                return body is null ? null : throw new InvalidInputException("target.body must be left out when target.method is GET.");
            if (body is null)
                return DefaultBody;

            foreach (var text in Strings(body.Value).Where(text => text != InputJson))
            {
                foreach (var mark in Placeholders.In(text).Where(mark => !IsSecret(mark)))
                {
                    if (mark == "inputJson")
                        throw new InvalidInputException($"target.body: {InputJson} must be a string of its own; inside a longer text use {{{{input}}}}.");
                    RefuseUnknown("target.body", mark, "input", "caseKey", "inputJson", "secret:NAME");
                }
            }
            return body;
        }

        private static List<(string Name, string Value)> CheckedHeaders(JsonElement? headers, bool hasBody)
        {
            if (headers is null)
                return [];
            if (headers.Value.ValueKind != JsonValueKind.Object)
                throw new InvalidInputException("target.headers must be an object of texts.");

            var result = new List<(string Name, string Value)>();
            using var probe = new HttpRequestMessage();
            foreach (var header in headers.Value.EnumerateObject())
            {
                if (!HeaderText.IsName(header.Name))
                    throw new InvalidInputException($"target.headers: '{Excerpt.Of(header.Name, 50)}' is not a header name.");
                if (ForbiddenHeaders.Contains(header.Name))
                    throw new InvalidInputException($"target.headers.{header.Name} must not be set; EvalJobs sets it itself.");
                if (result.Exists(other => string.Equals(other.Name, header.Name, StringComparison.OrdinalIgnoreCase)))
                    throw new InvalidInputException($"target.headers.{header.Name} occurs twice.");
                if (header.Value.ValueKind != JsonValueKind.String || !HeaderText.IsSafe(header.Value.GetString()!))
                    throw new InvalidInputException($"target.headers.{header.Name} must be a text of ASCII characters without line breaks.");
                if (!hasBody && !probe.Headers.TryAddWithoutValidation(header.Name, "x"))
                    throw new InvalidInputException($"target.headers.{header.Name} describes a body, and GET has none.");

                var value = header.Value.GetString()!;
                foreach (var mark in Placeholders.In(value).Where(mark => !IsSecret(mark)))
                    RefuseUnknown($"target.headers.{header.Name}", mark, "secret:NAME");
                result.Add((header.Name, value));
            }
            return result;
        }

        private static bool IsSecret(string mark) => Placeholders.SecretName(mark) is { Length: > 0 };

        private static void RefuseUnknown(string field, string mark, params string[] known)
        {
            if (!known.Contains(mark))
                throw new InvalidInputException($"{field} holds the unknown {{{{{mark}}}}}; expected {string.Join(", ", known.Select(name => $"{{{{{name}}}}}"))}.");
        }

        private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.String => [element.GetString()!],
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
            JsonValueKind.Object => element.EnumerateObject().SelectMany(property => Strings(property.Value)),
            _ => [],
        };
    }
}
