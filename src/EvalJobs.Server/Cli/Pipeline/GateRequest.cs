using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>What a pipeline asks the gate for.</summary>
internal sealed record GateRequest
{
    private const int HashLength = 12;

    /// <summary>The short name of the tenant that owns the version.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>The agent.</summary>
    public required string AgentName { get; init; }

    /// <summary>The version's label; null takes the beginning of the genome's hash.</summary>
    public string? Label { get; init; }

    /// <summary>The genome to create the version from; null for a version that is there.</summary>
    public Genome? Genome { get; init; }

    /// <summary>The suite that is required where no policy says so; null takes the tenant's default one.</summary>
    public string? SuiteName { get; init; }

    /// <summary>The label of the version to compare with; null takes the parent.</summary>
    public string? BaselineLabel { get; init; }

    /// <summary>Whether runs go on when the command is stopped.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The label asked for.</summary>
    /// <exception cref="InvalidInputException">Neither a label nor a genome is given.</exception>
    public string EffectiveLabel => Label ?? Genome?.Hash[..HashLength]
        ?? throw new InvalidInputException("gate needs the version's label, or --genome with the file to create it from.");
}
