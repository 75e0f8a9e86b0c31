using EvalJobs.Domain;
using EvalJobs.Execution.Agents;

namespace EvalJobs.ExampleHost;

/// <summary>The host's own way to reach an agent: <c>"target": { "type": "echo", "prefix": "…" }</c> answers in this process.</summary>
public sealed class EchoAgent : IAgentType
{
    /// <inheritdoc/>
    public string Name => "echo";

    /// <inheritdoc/>
    public void Validate(Genome genome) => Prefix(genome);

    /// <inheritdoc/>
    public IAgentClient CreateClient(AgentBinding binding) => new Client(Prefix(binding.Genome));

    private static string Prefix(Genome genome) =>
        genome.Target.TryGetProperty("prefix", out var prefix) ? prefix.GetString() ?? "" : throw new InvalidInputException("target.prefix: expected a text.");

    private sealed class Client(string prefix) : IAgentClient
    {
        public Task<AgentReply> AskAsync(AgentQuestion question, CancellationToken cancellationToken) =>
            Task.FromResult(new AgentReply(prefix + question.Input));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
