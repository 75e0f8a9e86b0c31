using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Creates clients for chat endpoints, with the agents' HTTP client and all its guards.</summary>
internal sealed class ChatClientFactory(IHttpClientFactory http, TenantSecrets secrets)
{
    /// <returns>A client to be disposed by the caller. It does not connect yet.</returns>
    /// <exception cref="InvalidInputException">A secret is not configured for this tenant, or cannot be sent in a header.</exception>
    public ChatCompletionClient Create(ChatEndpoint endpoint, string tenantSlug)
    {
        var values = endpoint.Headers.SecretNames.ToDictionary(name => name, name => secrets.Get(tenantSlug, name), StringComparer.Ordinal);
        var headers = endpoint.Headers.Fill(values);

        if (endpoint.ApiKeyRef is { } name)
        {
            var key = values[name] = secrets.Get(tenantSlug, name);
            if (!HeaderText.IsSafe(key))
                throw new InvalidInputException($"The secret '{name}' cannot be an API key: it contains a line break or other characters that headers cannot carry.");
            var isBearer = string.Equals(endpoint.ApiKeyHeader, "Authorization", StringComparison.OrdinalIgnoreCase);
            headers.Add((endpoint.ApiKeyHeader, isBearer ? $"Bearer {key}" : key));
        }

        if (endpoint.Form.VersionHeader is { } versionHeader)
            headers.Add((versionHeader, endpoint.ApiVersion!));

        return new ChatCompletionClient(
            http.CreateClient(AgentRegistration.HttpClientName), endpoint, headers, new SecretRedactor(values.Values), tenantSlug);
    }
}
