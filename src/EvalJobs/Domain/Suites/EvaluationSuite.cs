namespace EvalJobs.Domain;

/// <summary>A named set of test cases with the share that must pass. Editing writes a new revision; old cases stay readable.</summary>
public sealed record EvaluationSuite
{
    /// <summary>Database identity.</summary>
    public required long Id { get; init; }

    /// <summary>The tenant that owns the suite.</summary>
    public required long TenantId { get; init; }

    /// <summary>Unique per tenant.</summary>
    public required string Name { get; init; }

    /// <summary>What the suite is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>The current revision, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>Pass rate from which a version passes, 0..1.</summary>
    public required double PassThreshold { get; init; }

    /// <summary>The suite a version is evaluated with when it enters TESTING. At most one per tenant.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>Tags for finding suites, as a JSON array of strings.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>When the suite was created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
