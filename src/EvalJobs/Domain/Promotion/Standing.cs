namespace EvalJobs.Domain;

/// <summary>What the evidence says of a version now.</summary>
internal sealed record GateStanding
{
    /// <summary>The worst verdict of the requirements.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Each requirement, in order.</summary>
    public required IReadOnlyList<RequirementStanding> Requirements { get; init; }

    /// <summary>Whether there is no evidence yet: no look, and the latest run did not fail.</summary>
    public bool IsUntried => Requirements.All(requirement => requirement is { LookCount: 0, FailedRunId: null });

    /// <returns>The version's evaluation status by this standing.</returns>
    /// <param name="isRunning">Whether a run of a required suite revision is pending or running.</param>
    public EvalStatus EvalStatus(bool isRunning) =>
        isRunning ? Domain.EvalStatus.Running
        : IsUntried ? Domain.EvalStatus.NotRun
        : Verdict == GateVerdict.Pass ? Domain.EvalStatus.Pass
        : Domain.EvalStatus.Fail;
}

/// <summary>What the evidence says of one requirement.</summary>
internal sealed record RequirementStanding
{
    /// <summary>The requirement.</summary>
    public required Requirement Requirement { get; init; }

    /// <summary>The worst verdict of its parts; FAIL while the latest run is FAILED or a must-pass case did not pass.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>Looks that count.</summary>
    public required int LookCount { get; init; }

    /// <summary>Looks that were declared void.</summary>
    public required int VoidCount { get; init; }

    /// <summary>The whole suite first, then each tag that has its own limit.</summary>
    public required IReadOnlyList<PartStanding> Parts { get; init; }

    /// <summary>Must-pass cases that did not pass in the latest look.</summary>
    public IReadOnlyList<string> MissedCases { get; init; } = [];

    /// <summary>The latest ended run, when it is FAILED.</summary>
    public long? FailedRunId { get; init; }

    /// <summary>The whole suite.</summary>
    public PartStanding Whole => Parts[0];
}

/// <summary>What the evidence says of a suite, or of its cases with one tag.</summary>
internal sealed record PartStanding
{
    /// <summary>The tag; null for the whole suite.</summary>
    public string? Tag { get; init; }

    /// <summary>The threshold or the margin.</summary>
    public required double Limit { get; init; }

    /// <summary>Its verdict.</summary>
    public required GateVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>Passed answers over all looks.</summary>
    public required long Passed { get; init; }

    /// <summary>Answers over all looks.</summary>
    public required long Cases { get; init; }

    /// <summary>The pass rate, 0..1, or for <see cref="GateRule.NotWorse"/> the difference baseline − version; null without evidence.</summary>
    public double? Estimate { get; init; }

    /// <summary>The lower end of the interval around <see cref="Estimate"/>.</summary>
    public double? Low { get; init; }

    /// <summary>The upper end.</summary>
    public double? High { get; init; }

    /// <summary>For <see cref="GateRule.Evidence"/>: ln of the evidence that the rate is above the threshold; see <see cref="EProcess"/>.</summary>
    public double? LogEvidence { get; init; }

    /// <summary>For <see cref="GateRule.NotWorse"/>: the level of the test, by Holm's method.</summary>
    public double? Level { get; init; }

    /// <summary>How many more cases would decide at the rate seen; null when it is decided, or none would.</summary>
    public long? MoreCases { get; init; }
}

/// <summary>The input of a gate's decision about one requirement.</summary>
internal sealed record RequirementEvidence
{
    /// <summary>The requirement.</summary>
    public required Requirement Requirement { get; init; }

    /// <summary>The cases of its suite revision, by ordinal.</summary>
    public required IReadOnlyList<CaseFacts> Cases { get; init; }

    /// <summary>The version's looks of it, oldest first, void ones among them.</summary>
    public required IReadOnlyList<Look> Looks { get; init; }

    /// <summary>The baseline's looks of the same suite revision.</summary>
    public IReadOnlyList<Look> BaselineLooks { get; init; } = [];

    /// <summary>The latest ended run of the suite revision, when it is FAILED.</summary>
    public long? FailedRunId { get; init; }
}
