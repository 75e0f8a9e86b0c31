using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Pages;
using EvalJobs.Server.Web;
using Microsoft.Extensions.Caching.Memory;

namespace EvalJobs.Server.Dashboard;

/// <summary>The progress of runs, shared by all browsers, so that the cost of polling does not grow with their number.</summary>
internal sealed class RunProgressCache(
    EvaluationRunRepository runs, CasePreviewRepository cases, TenantRepository tenants, TimeProvider clock) : IDisposable
{
    /// <summary>Runs cached at most. Further runs are not cached.</summary>
    private const int Capacity = 500;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CacheDuration = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _snapshots = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <returns>The run's progress at most two seconds ago.</returns>
    /// <exception cref="NotFoundException">No such run.</exception>
    public Task<RunProgressReading> GetAsync(long runId)
    {
        var snapshot = _snapshots.GetOrCreate(runId, entry =>
        {
            entry.SetSize(1).SetSlidingExpiration(CacheDuration);
            var pace = new RunSpeed();
            return new SharedSnapshot<RunProgressReading>(() => ReadAsync(runId, pace), MaxAge, MaxAge, clock);
        });
        return snapshot!.GetAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _snapshots.Dispose();

    private async Task<RunProgressReading> ReadAsync(long runId, RunSpeed pace)
    {
        var run = await runs.GetAsync(runId, CancellationToken.None);
        var progress = new RunProgressModel(run, await cases.CountVerdictsAsync(runId, CancellationToken.None));
        return new RunProgressReading(
            await tenants.GetAsync(run.TenantId, CancellationToken.None),
            progress with { CasesPerMinute = pace.Next(clock.GetUtcNow(), run, progress.DoneCount) });
    }
}

/// <summary>One reading of a run.</summary>
/// <param name="Tenant">Its tenant, to check who may see it.</param>
/// <param name="Progress">Its progress.</param>
internal sealed record RunProgressReading(Tenant Tenant, RunProgressModel Progress);
