namespace EvalJobs.Domain;

/// <summary>The requirement of one suite revision for one version. It is stored when the version enters TESTING, and does not change afterwards.</summary>
internal sealed record Requirement
{
    /// <summary>Database identity; 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>Position among the version's requirements, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its name.</summary>
    public required string SuiteName { get; init; }

    /// <summary>Its revision when the requirement was stored. Runs of another revision do not count.</summary>
    public required int SuiteRevision { get; init; }

    /// <summary>How the evidence is judged.</summary>
    public required GateRule Rule { get; init; }

    /// <summary>The pass rate to reach, 0..1, for <see cref="GateRule.Rate"/>, and 0..1 without its ends for <see cref="GateRule.Evidence"/>; the difference to stay below, 0..1, for <see cref="GateRule.NotWorse"/>.</summary>
    public required double Limit { get; init; }

    /// <summary>The same rule for the cases of a tag, each with its own limit.</summary>
    public IReadOnlyDictionary<string, double> TagLimits { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Keys of cases that have to pass in the latest look, in addition to those that the suite marks.</summary>
    public IReadOnlyList<string> MustPass { get; init; } = [];

    /// <summary>The version compared with, for <see cref="GateRule.NotWorse"/>.</summary>
    public long? BaselineVersionId { get; init; }

    /// <summary>Its label.</summary>
    public string? BaselineLabel { get; init; }

    /// <summary>The words for people: <c>suite 'smoke' revision 3 (rate)</c>.</summary>
    public string Name => $"suite '{SuiteName}' revision {SuiteRevision} ({PolicyWord.Of(Rule)})";
}

/// <summary>What is required of a version now: its requirements and how it is approved, as they were stored.</summary>
internal sealed record VersionGate
{
    /// <summary>Database identity; 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>The tenant that owns the version.</summary>
    public long TenantId { get; init; }

    /// <summary>The version.</summary>
    public required long VersionId { get; init; }

    /// <summary>Counts up from 1 each time the version enters TESTING or is required again.</summary>
    public required int Round { get; init; }

    /// <summary>The policy it comes from; null when there was none.</summary>
    public long? PolicyId { get; init; }

    /// <summary>The shared chance of a wrong decision, for <see cref="GateRule.Evidence"/> and <see cref="GateRule.NotWorse"/>.</summary>
    public required double Alpha { get; init; }

    /// <summary>Whether CANDIDATE → APPROVED needs a person other than the one who created the version.</summary>
    public bool NeedsSecondPerson { get; init; }

    /// <summary>Whether CANDIDATE → APPROVED needs the role Approver.</summary>
    public bool NeedsApprover { get; init; }

    /// <summary>Who created the version; null when the audit trail no longer says so.</summary>
    public string? VersionCreatedBy { get; init; }

    /// <summary>Who caused it to be stored.</summary>
    public required string Actor { get; init; }

    /// <summary>When it was stored, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
