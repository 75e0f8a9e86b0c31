using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>A way to reach an agent, chosen by the genome's <c>target.type</c>. One file and one registration line each; keeps no state.</summary>
public interface IAgentType
{
    /// <summary>The name genomes use, such as <c>http</c>.</summary>
    string Name { get; }

    /// <summary>Makes the client for one agent version. Does not connect yet.</summary>
    /// <exception cref="InvalidInputException">The target is incomplete or not permitted here; the message names the field. Retrying cannot help.</exception>
    IAgentClient CreateClient(AgentBinding binding);

    /// <returns>
    /// The endpoint of the genome's agents, such as host and port: agents that share it fail together. Null when there is none; then an agent that
    /// does not answer costs its runs failed attempts at once.
    /// </returns>
    /// <exception cref="InvalidInputException">The target is incomplete; the message names the field.</exception>
    string? EndpointOf(Genome genome) => null;

    /// <summary>Checks a target when a version is created, as far as that is possible without secrets or network.</summary>
    /// <exception cref="InvalidInputException">The target is incomplete; the message names the field.</exception>
    void Validate(Genome genome);
}

/// <summary>The agent version to reach and the tenant whose secrets it may use.</summary>
/// <param name="TenantSlug">Prefix of the tenant's secrets.</param>
/// <param name="Genome">The version's genome.</param>
public sealed record AgentBinding(string TenantSlug, Genome Genome);
