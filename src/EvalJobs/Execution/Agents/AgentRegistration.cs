using System.Net;
using EvalJobs.Execution.Scoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace EvalJobs.Execution.Agents;

/// <summary>Wires the agent types and the one HTTP client they share.</summary>
public static class AgentRegistration
{
    /// <summary>The named <see cref="HttpClient"/> for everything a tenant's URL is asked.</summary>
    public const string HttpClientName = "EvalJobs.Agents";

    internal static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Registers every <see cref="IAgentType"/>, <see cref="AgentRegistry"/>, <see cref="TenantSecrets"/>, <see cref="ChatClientFactory"/>
    /// and the <c>llm_judge</c> scorer. The caller registers <see cref="AgentOptions"/>, <c>IConfiguration</c> and logging.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddSingleton<IAgentType, OpenAiChatAgent>();
        services.AddSingleton<IAgentType, HttpAgent>();
        services.AddSingleton<IAgentType, ProcessAgent>();
        services.AddSingleton<IAgentType, ReplayAgent>();
        services.AddSingleton<AgentRegistry>();
        services.AddSingleton<TenantSecrets>();
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<ChatClientFactory>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IScorer, LlmJudgeScorer>());

        AddHttpClient(services);
        return services;
    }

    private static void AddHttpClient(IServiceCollection services)
    {
        var client = services.AddHttpClient(HttpClientName, client =>
        {
            // Deadlines are the caller's token; two clocks would leave the reader guessing which one rang.
            client.Timeout = Timeout.InfiniteTimeSpan;
            client.DefaultRequestHeaders.UserAgent.ParseAdd("EvalJobs");
        });

        // HttpClient's own logging shows URLs, where a case's input may stand, and the names of headers (their values too, if someone asks).
        client.RemoveAllLoggers();

        client.ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            // A proxy would connect in our place, past the guard.
            UseProxy = false,
            // A cookie of one tenant must not travel with another tenant's question.
            UseCookies = false,
            ConnectCallback = provider.GetRequiredService<AddressGuard>().ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            // Undone below ReplyLimitHandler, so its limit counts what a small compressed reply unfolds to.
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        // PooledConnectionLifetime sees to changing names; a fresh handler every two minutes would only drop live connections.
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan);

        client.AddResilienceHandler(HttpClientName, (pipeline, context) =>
        {
            var options = context.ServiceProvider.GetRequiredService<AgentOptions>();

            // POST is retried too: a question changes nothing, so asking it twice is at worst paid twice. What is retried (408, 429,
            // 5xx, HttpRequestException) and that Retry-After goes before Delay are the library's defaults. AgentCallException is not.
            if (options.MaxRetries > 0)
            {
                pipeline.AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = options.MaxRetries,
                    Delay = options.RetryDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                });
            }

            // Inside the retry: who waits for the next attempt leaves the place to others. The queue's bound is the callers' deadlines.
            pipeline.AddConcurrencyLimiter(options.MaxConcurrencyPerEndpoint, queueLimit: int.MaxValue);
        }).SelectPipelineByAuthority();

        client.AddHttpMessageHandler(provider => new ReplyLimitHandler(provider.GetRequiredService<AgentOptions>()));
    }
}
