using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>What changes from one revision of a suite to the next. A case it does not name is carried over as it is.</summary>
internal sealed record SuiteEdit
{
    /// <summary>What the suite says of itself from now on.</summary>
    public required SuiteDraft Draft { get; init; }

    /// <summary>The revision whose cases are carried over and whose ordinals are meant here; mostly the present one.</summary>
    public required int FromRevision { get; init; }

    /// <summary>Ordinals of cases to leave out. Those behind them move up.</summary>
    public IReadOnlyCollection<int> Removed { get; init; } = [];

    /// <summary>Cases that take the place of the ones with their ordinals; none of them also removed.</summary>
    public IReadOnlyCollection<TestCase> Replaced { get; init; } = [];

    /// <summary>Cases to add at the end, in order; their ordinals are not read.</summary>
    public IReadOnlyCollection<TestCase> Added { get; init; } = [];
}
