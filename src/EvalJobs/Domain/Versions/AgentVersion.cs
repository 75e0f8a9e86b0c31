namespace EvalJobs.Domain;

/// <summary>One version of a tenant's agent. Its genome never changes; its state does.</summary>
public sealed record AgentVersion
{
    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant that owns the version.</summary>
    public required long TenantId { get; init; }

    /// <summary>The agent's name, shared by its versions.</summary>
    public required string AgentName { get; init; }

    /// <summary>The version's label, unique per tenant and agent.</summary>
    public required string VersionLabel { get; init; }

    /// <summary>The genome's canonical JSON, as stored.</summary>
    public required string Genome { get; init; }

    /// <summary>The hash computed when the version was created.</summary>
    public required string GenomeHash { get; init; }

    /// <summary>Where the version stands.</summary>
    public required LifecycleState LifecycleState { get; init; }

    /// <summary>What the latest evaluation says.</summary>
    public required EvalStatus EvalStatus { get; init; }

    /// <summary>The version this one was derived from.</summary>
    public long? ParentVersionId { get; init; }

    /// <summary>When the version was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the stored genome still is the one that was hashed.</summary>
    public bool IsGenomeIntact => Domain.Genome.HashOf(Genome) == GenomeHash;
}
