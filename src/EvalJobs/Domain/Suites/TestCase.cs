namespace EvalJobs.Domain;

/// <summary>One question of a suite revision and how its answer is judged.</summary>
public sealed record TestCase
{
    /// <summary>Database identity; 0 before the case is stored.</summary>
    public long Id { get; init; }

    /// <summary>Position within the suite revision, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Stable name of the case across revisions, unique within one.</summary>
    public required string CaseKey { get; init; }

    /// <summary>Title for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the agent is asked.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer, for scorers that need one.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>The scoring object as JSON; see <see cref="ScoringSpec"/>.</summary>
    public string Scoring { get; init; } = ScoringSpec.Default.Json;

    /// <summary>Share in the overall score, above 0. Does not touch the pass rate.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Words that group cases, as a JSON array of strings: a policy may set a limit for those of a tag.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Whether the case has to pass in the latest look, whatever the rate.</summary>
    public bool MustPass { get; init; }
}
