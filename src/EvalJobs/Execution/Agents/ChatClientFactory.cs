using System.ClientModel;
using System.ClientModel.Primitives;
using EvalJobs.Domain;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace EvalJobs.Execution.Agents;

/// <summary>An OpenAI-compatible model and how to reach it.</summary>
/// <param name="Url">The <c>/v1</c> base URL.</param>
/// <param name="Model">The name the endpoint knows the model by.</param>
/// <param name="ApiKeyRef">The tenant's secret that holds the API key; null for an endpoint that asks for none.</param>
public sealed record ChatEndpoint(Uri Url, string Model, string? ApiKeyRef)
{
    /// <summary>Where a genome or judge that names no endpoint goes.</summary>
    public static readonly Uri PublicOpenAI = new("https://api.openai.com/v1");

    /// <summary>Reads <c>endpoint</c>, <c>model</c> and <c>apiKeyRef</c>.</summary>
    internal static ChatEndpoint Read(string name, JsonSettings settings, string? fallbackModel = null)
    {
        var url = settings.Url("endpoint");
        var apiKeyRef = settings.Text("apiKeyRef");
        if (url is null && apiKeyRef is null)
            throw new InvalidInputException($"{name}.apiKeyRef is missing; {PublicOpenAI} asks for a key. For another service set {name}.endpoint.");
        if (url is { Query.Length: > 0 } or { Fragment.Length: > 0 })
            throw new InvalidInputException($"{name}.endpoint must end with its path, such as https://api.openai.com/v1.");

        return new ChatEndpoint(url ?? PublicOpenAI, settings.Text("model") ?? fallbackModel ?? settings.RequiredText("model"), apiKeyRef);
    }
}

/// <summary>Makes chat clients for OpenAI-compatible endpoints, over the agents' own HTTP client with all its guards.</summary>
public sealed class ChatClientFactory(IHttpClientFactory http, TenantSecrets secrets)
{
    /// <returns>A client to be disposed by the caller. It connects to nothing yet.</returns>
    /// <exception cref="InvalidInputException">The API key is not configured for this tenant.</exception>
    public GuardedChatClient Create(ChatEndpoint endpoint, string tenantSlug)
    {
        var apiKey = endpoint.ApiKeyRef is { } name ? secrets.Get(tenantSlug, name) : null;
        if (apiKey is not null && !HeaderText.IsSafe(apiKey))
            throw new InvalidInputException($"The secret '{endpoint.ApiKeyRef}' cannot be an API key: it holds a line break or other characters that headers cannot carry.");

        var client = http.CreateClient(AgentRegistration.HttpClientName);
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint.Url,
            Transport = new HttpClientPipelineTransport(client),
            // One retry owner: the HTTP client's pipeline. The SDK's own would multiply it.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
        };
        if (apiKey is null)
            options.AddPolicy(new WithoutAuthorization(), PipelinePosition.BeforeTransport);

        // The SDK insists on some key; WithoutAuthorization takes a stand-in off again.
        var chat = new ChatClient(endpoint.Model, new ApiKeyCredential(apiKey ?? "none"), options).AsIChatClient();
        return new GuardedChatClient(chat, client, endpoint.Url, new SecretRedactor(apiKey is null ? [] : [apiKey]));
    }

    /// <summary>For local servers that ask for no key.</summary>
    private sealed class WithoutAuthorization : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}

/// <summary>A chat client whose failures are <see cref="AgentCallException"/>s without secrets.</summary>
public sealed class GuardedChatClient : DelegatingChatClient
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly SecretRedactor _secrets;

    internal GuardedChatClient(IChatClient inner, HttpClient http, Uri url, SecretRedactor secrets) : base(inner)
    {
        _http = http;
        _url = url;
        _secrets = secrets;
    }

    /// <summary>Takes the API key out of a text the model or its server returned.</summary>
    public string Redact(string text) => _secrets.Redact(text);

    /// <inheritdoc/>
    /// <exception cref="AgentCallException">No answer, an answer that is not 2xx, or one that is no chat completion.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }
        catch (AgentCallException error)
        {
            throw AgentFailure.Redacted(error, _secrets);
        }
        catch (ClientResultException error) when (error.GetRawResponse() is { } response)
        {
            throw AgentFailure.Status(response.Status, _url, response.Content.ToString(), _secrets);
        }
        catch (ClientResultException error)
        {
            throw AgentFailure.NoAnswer(_url, error.InnerException ?? error, _secrets);
        }
        catch (HttpRequestException error)
        {
            throw AgentFailure.NoAnswer(_url, error, _secrets);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The SDK reads replies trustingly; what a strange one makes it throw is its own affair.
            throw new AgentCallException($"Unreadable reply from {_url.Authority}: not a chat completion ({_secrets.Redact(Excerpt.Of(error.Message, 200))}).");
        }
    }

    /// <summary>Not supported: an evaluation needs whole replies.</summary>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("An evaluation needs whole replies.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _http.Dispose();
    }
}
