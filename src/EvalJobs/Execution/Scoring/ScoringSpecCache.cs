using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>Scoring objects as read: thousands of cases of a run share one. Safe for concurrent use.</summary>
/// <remarks>Long ones are read again for each case. What is kept is of all tenants, and a million characters take about ten megabytes.</remarks>
internal sealed class ScoringSpecCache(int capacity)
{
    private const int MaxCachedLength = 32 * 1024;

    private readonly BoundedCache<string, ScoringSpec> _specs = new(capacity, ScoringSpec.Parse);

    /// <inheritdoc cref="ScoringSpec.Parse"/>
    public ScoringSpec Get(string scoring) => scoring.Length <= MaxCachedLength ? _specs.Get(scoring) : ScoringSpec.Parse(scoring);
}
