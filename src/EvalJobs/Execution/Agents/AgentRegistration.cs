using System.Net;
using EvalJobs.Execution.Agents.Chat;
using EvalJobs.Execution.Scoring;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EvalJobs.Execution.Agents;

/// <summary>Registers the agent types and their shared HTTP client.</summary>
internal static class AgentRegistration
{
    /// <summary>The named <see cref="HttpClient"/> for all requests to tenants' URLs.</summary>
    public const string HttpClientName = "EvalJobs.Agents";

    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Registers every <see cref="IAgentType"/>, <see cref="AgentRegistry"/>, <see cref="TenantSecrets"/>, <see cref="EndpointSlots"/>
    /// and the <c>llm_judge</c> scorer. The caller registers <see cref="AgentOptions"/>, <c>IConfiguration</c> and logging.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddChatAgent(ChatCompletionsForm.Instance);
        services.AddChatAgent(new OpenAiResponsesForm());
        services.AddChatAgent(new AnthropicMessagesForm());
        services.AddSingleton<IAgentType, HttpAgent>();
        services.AddSingleton<IAgentType, ProcessAgent>();
        services.AddSingleton<IAgentType, ReplayAgent>();
        services.AddSingleton<ProcessReaper>();
        services.AddSingleton<AgentRegistry>();
        services.AddSingleton<TenantSecrets>();
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<CertificateGuard>();
        services.AddSingleton<ChatClientFactory>();
        services.AddSingleton<EndpointProgress>();
        services.AddSingleton(provider => new EndpointSlots(provider.GetRequiredService<AgentOptions>(), provider.GetService<EvaluationMetrics>()));
        services.AddSingleton<JudgeForms>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IScorer, LlmJudgeScorer>());

        AddHttpClient(services);
        return services;
    }

    private static void AddChatAgent(this IServiceCollection services, ChatForm form) => services.AddSingleton<IAgentType>(
        provider => new ChatAgent(form, provider.GetRequiredService<ChatClientFactory>(), provider.GetRequiredService<AgentOptions>()));

    private static void AddHttpClient(IServiceCollection services)
    {
        var client = services.AddHttpClient(HttpClientName, client =>
        {
            // The caller's token is the deadline. With a second clock it would not be known which one ended the call.
            client.Timeout = Timeout.InfiniteTimeSpan;
            client.DefaultRequestHeaders.UserAgent.ParseAdd("EvalJobs");
        });

        // HttpClient's own logging shows URLs, which may hold a case's input, and the names of headers (their values too, if someone asks).
        client.RemoveAllLoggers();

        client.ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            // A proxy would connect for us and bypass the guard.
            UseProxy = false,
            // A cookie of one tenant must not travel with another tenant's question.
            UseCookies = false,
            ConnectCallback = provider.GetRequiredService<AddressGuard>().ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            SslOptions = { RemoteCertificateValidationCallback = provider.GetRequiredService<CertificateGuard>().Validate },
            // Decompressed below ReplyLimitHandler, so that its limit counts the decompressed size of a small compressed reply.
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        // PooledConnectionLifetime handles names whose address changes; a new handler every two minutes would only drop live connections.
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan);

        client.AddResilienceHandler(HttpClientName, (pipeline, context) =>
        {
            var options = context.ServiceProvider.GetRequiredService<AgentOptions>();
            var progress = context.ServiceProvider.GetRequiredService<EndpointProgress>();
            var time = context.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System;

            // POST is retried, too: a question changes nothing, so a second one is at worst paid twice. AgentCall limits the number.
            // By the library's default, Retry-After takes precedence over Delay.
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                Delay = options.RetryDelay,
                MaxDelay = MaxRetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = retry => ValueTask.FromResult(
                    retry.Context.GetRequestMessage() is { } request
                    && AgentCall.Of(request).ShouldRetry(retry.Outcome, options.MaxRetries, () => progress.AnswersOf(request), time.GetUtcNow())),
                OnRetry = retry =>
                {
                    AgentCall.Of(retry.Context.GetRequestMessage()!).WaitBegins(retry.Outcome, retry.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            });
        });

        client.AddHttpMessageHandler(provider => new EndpointHandler(
            provider.GetRequiredService<EndpointSlots>(), provider.GetRequiredService<EndpointProgress>()));
        client.AddHttpMessageHandler(provider => new ReplyLimitHandler(provider.GetRequiredService<AgentOptions>()));
    }
}
