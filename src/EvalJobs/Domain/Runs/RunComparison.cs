using System.Text.Json.Serialization;

namespace EvalJobs.Domain;

/// <summary>What changed from one run of a suite to another, on the cases both asked.</summary>
internal sealed record RunComparison
{
    /// <summary>The probability below which a difference does not count as chance.</summary>
    public const double Significance = 0.05;

    /// <summary>Cases both runs have a result of.</summary>
    public required int SharedCount { get; init; }

    /// <summary>Cases that passed before and do not pass now.</summary>
    public required int NewlyFailingCount { get; init; }

    /// <summary>Cases that pass now and did not pass before.</summary>
    public required int NewlyPassingCount { get; init; }

    /// <summary>The changed cases, newly failing ones first; not all of them when there are many.</summary>
    public required IReadOnlyList<ChangedCase> Changed { get; init; }

    /// <summary>The exact two-sided p of McNemar's test, 0..1.</summary>
    public double P => McNemar.ExactP(NewlyFailingCount, NewlyPassingCount);

    /// <summary>The meaning of p in plain words.</summary>
    public string Reading => (NewlyFailingCount - NewlyPassingCount, P < Significance) switch
    {
        _ when SharedCount == 0 => "The two runs have no case in common, so nothing can be said.",
        _ when NewlyFailingCount + NewlyPassingCount == 0 => "No case came out differently: the two versions did equally well.",
        (0, _) => "As many cases got better as got worse: on the whole the two versions did equally well.",
        ( > 0, true) => "This version is worse than its parent: chance alone would rarely make such a difference.",
        ( < 0, true) => "This version is better than its parent: chance alone would rarely make such a difference.",
        ( > 0, false) => "This version did worse than its parent, but the difference may well be chance: more cases would tell.",
        _ => "This version did better than its parent, but the difference may well be chance: more cases would tell.",
    };
}

/// <summary>A case that passed in one of two runs and not in the other.</summary>
internal sealed record ChangedCase
{
    /// <summary>The case, as the later version was asked it.</summary>
    public required long TestCaseId { get; init; }

    /// <inheritdoc cref="TestCase.Ordinal"/>
    public required int Ordinal { get; init; }

    /// <inheritdoc cref="TestCase.CaseKey"/>
    public required string CaseKey { get; init; }

    /// <inheritdoc cref="TestCase.Name"/>
    public required string Name { get; init; }

    /// <summary>The beginning of what the agent is asked, for pages; null where it was not read.</summary>
    [JsonIgnore]
    public string? Input { get; init; }

    /// <summary>Its verdict now.</summary>
    public required CaseVerdict Verdict { get; init; }

    /// <summary>Its verdict before.</summary>
    public required CaseVerdict BaselineVerdict { get; init; }
}
