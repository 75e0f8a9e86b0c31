using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The request of a pipeline to the gate.</summary>
internal sealed record GateRequest
{
    private const int HashLength = 12;

    /// <summary>The short name of the tenant that owns the version.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>The agent.</summary>
    public required string AgentName { get; init; }

    /// <summary>The version's label; null means the beginning of the genome's hash.</summary>
    public string? Label { get; init; }

    /// <summary>The genome to create the version from; null for an existing version.</summary>
    public Genome? Genome { get; init; }

    /// <summary>The suite that is required if there is no policy; null means the tenant's default one.</summary>
    public string? SuiteName { get; init; }

    /// <summary>The label of the version to compare with; null means the parent.</summary>
    public string? BaselineLabel { get; init; }

    /// <summary>Whether runs continue when the command is stopped.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The requested label.</summary>
    /// <exception cref="InvalidInputException">Neither a label nor a genome is given.</exception>
    public string EffectiveLabel => Label ?? Genome?.Hash[..HashLength]
        ?? throw new InvalidInputException("gate needs the version's label, or --genome with the file to create it from.");
}
