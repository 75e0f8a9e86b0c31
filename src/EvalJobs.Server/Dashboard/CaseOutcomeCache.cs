using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Caching.Memory;

namespace EvalJobs.Server.Dashboard;

/// <summary>Caches the results of ended runs, which never change, so that paging and filtering a comparison reads the database once.</summary>
/// <remarks>Safe for concurrent use. Bounded by the number of cases; a run that has not ended is read each time.</remarks>
internal sealed class CaseOutcomeCache(CaseOutcomeRepository outcomes) : IDisposable
{
    /// <summary>Cases of a run that are compared; of a larger suite only the first cases are compared.</summary>
    public const int MaxCases = 20_000;

    private const int Capacity = 200_000;
    private static readonly TimeSpan CacheDuration = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _runs = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <returns>The run's outcomes, by ordinal.</returns>
    public async Task<IReadOnlyList<CaseFigures>> GetAsync(EvaluationRun run, CancellationToken cancellationToken)
    {
        if (run.CompletedAt is null)
            return await outcomes.ListAsync(run.Id, MaxCases, cancellationToken);
        if (_runs.TryGetValue(run.Id, out IReadOnlyList<CaseFigures>? kept))
            return kept!;

        var read = await outcomes.ListAsync(run.Id, MaxCases, cancellationToken);

        // The results of a run that is just being archived or restored may have been read in part.
        if (read.Count == Math.Min(MaxCases, run.PassedCount + run.FailedCount + run.ErroredCount + run.UnscoredCount))
            _runs.Set(run.Id, read, new MemoryCacheEntryOptions { Size = read.Count + 1, SlidingExpiration = CacheDuration });
        return read;
    }

    /// <inheritdoc/>
    public void Dispose() => _runs.Dispose();
}
