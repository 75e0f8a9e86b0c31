using System.Collections.Concurrent;
using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Support;

/// <summary>The agents with the server's service registrations, secrets of tenant <c>acme</c>, and a capture of the log.</summary>
public sealed class AgentTestHost : IAsyncDisposable
{
    public const string Tenant = "acme";

    private readonly ServiceProvider _services;
    private readonly CapturingLoggerProvider _log = new();

    internal AgentTestHost(AgentOptions options, params (string Name, string Value)[] secrets)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(secrets.Select(secret => KeyValuePair.Create($"EvalJobs:Secrets:{Tenant}:{secret.Name}", (string?)secret.Value)))
            .Build();

        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(options)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log))
            .AddAgents()
            .BuildServiceProvider(validateScopes: true);
    }

    internal AgentRegistry Agents => _services.GetRequiredService<AgentRegistry>();

    internal EndpointSlots Slots => _services.GetRequiredService<EndpointSlots>();

    public IScorer LlmJudge => _services.GetServices<IScorer>().Single(scorer => scorer.Name == "llm_judge");

    /// <summary>Everything logged so far, at every level, with exceptions.</summary>
    public string Log => string.Join('\n', _log.Lines);

    /// <summary>Options that allow these hosts and retry after a short delay.</summary>
    internal static AgentOptions Allowing(params TestAgentServer[] servers) => new()
    {
        AllowedHosts = [.. servers.Select(server => server.Host)],
        RetryDelay = TimeSpan.FromMilliseconds(10),
    };

    public IAgentClient Client(string genomeJson) => Agents.CreateClient(new AgentBinding(Tenant, Genome.Parse(genomeJson)));

    public async Task<AgentReply> AskAsync(string genomeJson, string input = "2+2?", string caseKey = "case-1", CancellationToken cancellationToken = default)
    {
        await using var client = Client(genomeJson);
        return await client.AskAsync(new AgentQuestion(input, caseKey), cancellationToken);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class CapturingLoggerProvider : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(Lines, categoryName);

        public void Dispose()
        {
        }

        private sealed class Logger(ConcurrentQueue<string> lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull
            {
                lines.Enqueue($"{category} scope {state}");
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{category} {logLevel} {formatter(state, exception)} {exception}");
        }
    }
}
