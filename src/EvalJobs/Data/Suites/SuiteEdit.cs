using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>What changes from one revision of a suite to the next. All other cases stay unchanged.</summary>
internal sealed record SuiteEdit
{
    /// <summary>The suite's new settings.</summary>
    public required SuiteDraft Draft { get; init; }

    /// <summary>The revision whose cases are copied and whose ordinals are used here; usually the current one.</summary>
    public required int FromRevision { get; init; }

    /// <summary>Ordinals of cases to remove. Later cases move up.</summary>
    public IReadOnlyCollection<int> Removed { get; init; } = [];

    /// <summary>Cases that replace those with the same ordinals; none of them is also removed.</summary>
    public IReadOnlyCollection<TestCase> Replaced { get; init; } = [];

    /// <summary>Cases to add at the end, in order; their ordinals are not read.</summary>
    public IReadOnlyCollection<TestCase> Added { get; init; } = [];
}
