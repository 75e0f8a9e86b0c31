using System.Text.Json.Serialization;

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

    /// <summary>The genome as its author wrote it; canonical JSON for versions created before it was stored.</summary>
    public required string Genome { get; init; }

    /// <summary>The canonical form as stored; null when it is <see cref="Genome"/> itself.</summary>
    [JsonIgnore]
    public string? CanonicalGenome { get; init; }

    /// <summary>The hash of the canonical form, computed when the version was created.</summary>
    public required string GenomeHash { get; init; }

    /// <summary>The hash of <see cref="Genome"/> as it was written; null when that is the canonical form.</summary>
    [JsonIgnore]
    public string? GenomeTextHash { get; init; }

    /// <summary>The version's lifecycle state.</summary>
    public required LifecycleState LifecycleState { get; init; }

    /// <summary>What the evidence says of the version now.</summary>
    public required EvalStatus EvalStatus { get; init; }

    /// <summary>The version this one was derived from.</summary>
    public long? ParentVersionId { get; init; }

    /// <summary>When the version was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether the stored genome still matches the hash.</summary>
    public bool IsGenomeIntact =>
        Domain.Genome.HashOf(CanonicalGenome ?? Genome) == GenomeHash
        && (GenomeTextHash is null
            ? Genome == (CanonicalGenome ?? Genome)
            : Domain.Genome.HashOf(Genome) == GenomeTextHash && Domain.Genome.CanonicalHashOf(Genome) == GenomeHash);
}
