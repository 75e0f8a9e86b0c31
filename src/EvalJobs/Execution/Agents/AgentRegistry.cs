using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Finds the agent type a genome names.</summary>
internal sealed class AgentRegistry(IEnumerable<IAgentType> types)
{
    private readonly Dictionary<string, IAgentType> _types = types.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <inheritdoc cref="IAgentType.CreateClient"/>
    public IAgentClient CreateClient(AgentBinding binding) => Find(binding.Genome).CreateClient(binding);

    /// <inheritdoc cref="IAgentType.EndpointOf"/>
    public string? EndpointOf(Genome genome) => Find(genome).EndpointOf(genome);

    /// <inheritdoc cref="IAgentType.Validate"/>
    public void Validate(Genome genome) => Find(genome).Validate(genome);

    private IAgentType Find(Genome genome) =>
        _types.TryGetValue(genome.TargetType, out var type)
            ? type
            : throw new InvalidInputException(
                $"Unknown target.type '{genome.TargetType}'; expected one of {string.Join(", ", _types.Keys.Order(StringComparer.Ordinal))}.");
}
