using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Api;

/// <summary>An agent version. Its genome has a separate address.</summary>
internal sealed record VersionView
{
    /// <summary>The version's id.</summary>
    public required long Id { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>The version's label, unique for the agent.</summary>
    public required string Label { get; init; }

    /// <summary>The version's lifecycle state.</summary>
    public required LifecycleState LifecycleState { get; init; }

    /// <summary>The version's evaluation status.</summary>
    public required EvalStatus EvalStatus { get; init; }

    /// <summary>SHA-256 of the genome's canonical JSON.</summary>
    public required string GenomeHash { get; init; }

    /// <summary>The version it was derived from.</summary>
    public long? ParentVersionId { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public static VersionView Of(AgentVersion version) => new()
    {
        Id = version.Id,
        Agent = version.AgentName,
        Label = version.VersionLabel,
        LifecycleState = version.LifecycleState,
        EvalStatus = version.EvalStatus,
        GenomeHash = version.GenomeHash,
        ParentVersionId = version.ParentVersionId,
        CreatedAt = version.CreatedAt,
    };

    public static VersionView Of(VersionRow version) => new()
    {
        Id = version.Id,
        Agent = version.AgentName,
        Label = version.VersionLabel,
        LifecycleState = version.LifecycleState,
        EvalStatus = version.EvalStatus,
        GenomeHash = version.GenomeHash,
        ParentVersionId = version.ParentVersionId,
        CreatedAt = version.CreatedAt,
    };
}

/// <summary>An agent version to create.</summary>
internal sealed record NewVersionBody
{
    /// <summary>The tenant's slug; may be omitted with a key of one tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The agent's name, 1 to 200 characters.</summary>
    public required string Agent { get; init; }

    /// <summary>The label, unique for the agent; 1 to 100 characters.</summary>
    public required string Label { get; init; }

    /// <summary>What the version is made of; see docs/guide/agents.md. It never changes after this.</summary>
    public required JsonElement Genome { get; init; }

    /// <summary>Label of the version of the same agent that this one was derived from.</summary>
    public string? Parent { get; init; }

    /// <summary>DRAFT, or TESTING to create its runs at once. Default DRAFT.</summary>
    public LifecycleState State { get; init; } = LifecycleState.Draft;

    /// <summary>With TESTING: the suite to run; if omitted, the suites of the policy or, without a policy, the tenant's default suite.</summary>
    public long? SuiteId { get; init; }
}

/// <summary>A version with the runs that a change of its state created.</summary>
internal sealed record VersionWithRuns
{
    /// <summary>The version after the change.</summary>
    public required VersionView Version { get; init; }

    /// <summary>The runs created; empty when none was.</summary>
    public required IReadOnlyList<RunView> Runs { get; init; }

    public static VersionWithRuns Of(VersionTransition moved) => new()
    {
        Version = VersionView.Of(moved.Version),
        Runs = [.. moved.Runs.Select(RunView.Of)],
    };
}

/// <summary>A transition of a version to another lifecycle state.</summary>
internal sealed record NewState
{
    /// <summary>The new state.</summary>
    public required LifecycleState To { get; init; }

    /// <summary>On entering TESTING: the suite to run.</summary>
    public long? SuiteId { get; init; }

    /// <summary>Priority of the runs to create; -1000 to 1000. Default 0.</summary>
    public int Priority { get; init; }
}

/// <summary>Whether a version's genome still has the hash that was stored when it was created.</summary>
internal sealed record Integrity
{
    /// <summary>The version.</summary>
    public required long VersionId { get; init; }

    /// <summary>The hash stored when the version was created.</summary>
    public required string GenomeHash { get; init; }

    /// <summary>Whether the stored genome has that hash.</summary>
    public required bool IsIntact { get; init; }
}
