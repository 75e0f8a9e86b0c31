using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>How a target gets its access token: OAuth 2.0 client credentials (RFC 6749, 4.4).</summary>
internal sealed record OAuthSettings
{
    public required Uri TokenUrl { get; init; }
    public required string ClientId { get; init; }
    public required string ClientSecretRef { get; init; }
    public required string? Scope { get; init; }
    public required string? Audience { get; init; }

    /// <summary>Whether id and secret go into the form, for servers that do not take them as Basic authentication.</summary>
    public required bool SecretInForm { get; init; }

    /// <returns>Null when the target has none.</returns>
    /// <exception cref="InvalidInputException">A setting is missing or wrong; the message names it.</exception>
    public static OAuthSettings? Read(JsonElement? oauth)
    {
        if (oauth is null)
            return null;

        var settings = new JsonSettings("target.oauth", oauth.Value, "tokenUrl", "clientId", "clientSecretRef", "scope", "audience", "clientAuth");
        var clientAuth = settings.Text("clientAuth") ?? "basic";
        if (clientAuth is not ("basic" or "form"))
            throw new InvalidInputException($"target.oauth.clientAuth ({Excerpt.Of(clientAuth, 20)}) must be basic or form.");
        settings.RequiredText("tokenUrl");
        return new OAuthSettings
        {
            TokenUrl = settings.Url("tokenUrl")!,
            ClientId = settings.RequiredText("clientId"),
            ClientSecretRef = settings.RequiredText("clientSecretRef"),
            Scope = settings.Text("scope"),
            Audience = settings.Text("audience"),
            SecretInForm = clientAuth == "form",
        };
    }
}

/// <summary>Holds the access token of one client: fetched when first needed, and again when it expires or is rejected. Safe for concurrent use.</summary>
internal sealed class OAuthToken(HttpClient http, OAuthSettings settings, string clientSecret, string tenantSlug, TimeProvider time) : IDisposable
{
    // A token that ends while the request travels would be rejected.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _fetching = new(1);
    private string? _token;
    private long _fetchedAt;
    private TimeSpan _lifetime;

    /// <summary>The token held now, to be kept out of every text; null before the first.</summary>
    public string? Current => _token;

    /// <exception cref="AgentCallException">The token server gave no token.</exception>
    public async Task<string> GetAsync(CaseClock? clock, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_token is null || time.GetElapsedTime(_fetchedAt) >= _lifetime)
                (_token, _lifetime) = await FetchAsync(clock, cancellationToken);
            return _token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>The target rejected this token: the next question gets a new one.</summary>
    public async Task RejectedAsync(string token, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        if (_token == token)
            _lifetime = TimeSpan.Zero;
        _fetching.Release();
    }

    public void Dispose() => _fetching.Dispose();

    private async Task<(string Token, TimeSpan Lifetime)> FetchAsync(CaseClock? clock, CancellationToken cancellationToken)
    {
        var secrets = new SecretRedactor(clientSecret);
        using var request = RequestFor(clock, secrets);
        _fetchedAt = time.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var error = AgentFailure.Status(response, settings.TokenUrl, secrets);
                throw new AgentCallException($"No access token: {error.Message}", error) { IsTransient = error.IsTransient, IsOutage = error.IsOutage };
            }
            return Read(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (HttpRequestException error)
        {
            throw AgentFailure.NoAnswer(settings.TokenUrl, error, secrets);
        }
    }

    private HttpRequestMessage RequestFor(CaseClock? clock, SecretRedactor secrets)
    {
        var form = new List<KeyValuePair<string, string>> { KeyValuePair.Create("grant_type", "client_credentials") };
        if (settings.Scope is { } scope)
            form.Add(KeyValuePair.Create("scope", scope));
        if (settings.Audience is { } audience)
            form.Add(KeyValuePair.Create("audience", audience));
        if (settings.SecretInForm)
        {
            form.Add(KeyValuePair.Create("client_id", settings.ClientId));
            form.Add(KeyValuePair.Create("client_secret", clientSecret));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, settings.TokenUrl) { Content = new FormUrlEncodedContent(form) };
        if (!settings.SecretInForm)
        {
            var pair = $"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(clientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        request.Options.Set(AgentCall.Key, new AgentCall
        {
            TenantSlug = tenantSlug,
            Clock = clock,
            Describe = response => AgentFailure.Status(response, settings.TokenUrl, secrets).Message,
        });
        return request;
    }

    private (string Token, TimeSpan Lifetime) Read(byte[] body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            if (answer.RootElement.ValueKind != JsonValueKind.Object
                || !answer.RootElement.TryGetProperty("access_token", out var token) || token.ValueKind != JsonValueKind.String
                || token.GetString() is not { Length: > 0 } text || !HeaderText.IsSafe(text))
            {
                throw new AgentCallException($"{settings.TokenUrl.Authority} answered without an access_token.");
            }

            var lifetime = answer.RootElement.TryGetProperty("expires_in", out var expires) ? Seconds(expires) : DefaultLifetime;
            return (text, lifetime > 2 * Margin ? lifetime - Margin : lifetime / 2);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new AgentCallException($"{settings.TokenUrl.Authority} answered with something that is not a token.", error);
        }
    }

    /// <summary>Some servers write the number as a text.</summary>
    private static TimeSpan Seconds(JsonElement expires) =>
        double.TryParse(JsonPath.TextOf(expires), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : DefaultLifetime;
}
