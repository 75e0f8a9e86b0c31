using System.Net;
using System.Net.Http.Headers;
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
        private readonly HttpRequestBody? _body;
        private readonly string _tenantSlug;
        private readonly Uri? _sameUrl;
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

            // Most targets have one URL for all questions.
            _sameUrl = Placeholders.In(target.Url).Any() ? null : target.UrlFor(new AgentQuestion("", ""));
            _body = target.Body is { } template ? new HttpRequestBody(template, secrets) : null;
        }

        public async Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            var url = _sameUrl ?? _target.UrlFor(question);
            try
            {
                using var response = await SendAsync(question, url, cancellationToken);
                if (!response.IsSuccessStatusCode)
                    throw AgentFailure.Status(response, url, _redactor);
                var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                return new HttpReplyReader(_target, _maxReplyBytes, url, _redactor).Read(body, response.Content.Headers.ContentType);
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
                var wait = AgentCall.RetryAfter(accepted, _time.GetUtcNow()) ?? polling.Interval;
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, cancellationToken);
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

            // The server may have revoked the token early, so it is tried once more with a new one.
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

            // The headers may have secrets, which are only for the target.
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
            if (_body is not null)
            {
                request.Content = new ByteArrayContent(_body.For(question));
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
    }
}
