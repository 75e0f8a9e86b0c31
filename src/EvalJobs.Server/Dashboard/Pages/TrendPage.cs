using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Caching.Memory;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>How does a version, a suite or an agent do over time?</summary>
internal sealed class TrendPage(PageRequest request, RunListRepository rows, TrendFigures figures, TenantRepository tenants, AgentVersionRepository versions, EvaluationSuiteRepository suites, QueryReferences references)
{
    /// <summary>Runs shown at most.</summary>
    public const int RunCount = 30;

    /// <summary>Runs among which those of an agent are looked for.</summary>
    public const int Searched = 500;

    public async Task<IResult> ShowAsync()
    {
        var version = request.QueryNumber("version") is { } versionId ? await versions.GetAsync(versionId, request.Aborted) : null;
        var suite = request.QueryNumber("suite") is { } suiteId ? await suites.GetAsync(suiteId, request.Aborted) : null;
        var tenant = version is not null ? await tenants.GetAsync(version.TenantId, request.Aborted)
            : suite is not null ? await tenants.GetAsync(suite.TenantId, request.Aborted)
            : await tenants.FindAsync(request.Query("tenant") ?? throw new InvalidInputException("Choose a version, a suite, or a tenant with an agent."), request.Aborted);
        request.EnsureSees(tenant);
        if (suite is not null && suite.TenantId != tenant.Id)
            throw new InvalidInputException("The version and the suite belong to different tenants.");

        var agent = version is null ? await references.AgentAsync(tenant) : null;
        var found = await rows.ListAsync(
            new RunListFilter { TenantIds = [tenant.Id], VersionId = version?.Id, SuiteId = suite?.Id, Status = RunStatus.Completed }, agent is null ? RunCount : Searched, request.Aborted);
        var points = new List<TrendPoint>();
        foreach (var row in found.Where(row => row.PassRate is not null && row.VoidedAt is null && (agent is null || row.AgentName == agent)).Take(RunCount))
            points.Insert(0, await figures.PointAsync(row, request.Aborted));

        return Page.Of<TrendView, TrendModel>(new TrendModel(tenant, version, suite, agent, points));
    }
}

/// <summary>The cost and the p95 of the runs of a trend. They never change for an ended run, so they are read once.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class TrendFigures(EvaluationRunRepository runs) : IDisposable
{
    private const int Capacity = 10_000;

    private readonly MemoryCache _points = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <returns>The run as a point of a trend.</returns>
    public async Task<TrendPoint> PointAsync(RunRow row, CancellationToken cancellationToken)
    {
        if (_points.TryGetValue(row.Id, out (double? Cost, long? P95Ms) known))
            return PointOf(row, known.Cost, known.P95Ms);

        var run = await runs.GetAsync(row.Id, cancellationToken);
        var results = run.PassedCount + run.FailedCount + run.ErroredCount + run.UnscoredCount;
        var slow = results == 0 ? null : await runs.FindDurationAsync(run.Id, results, 0.95, cancellationToken);

        // A run that is just being archived or restored may lack results.
        if (slow is not null || results == 0)
            _points.Set(row.Id, (run.Cost, slow), new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromHours(1) });
        return PointOf(row, run.Cost, slow);
    }

    /// <inheritdoc/>
    public void Dispose() => _points.Dispose();

    private static TrendPoint PointOf(RunRow row, double? cost, long? slow) =>
        new(row.Id, row.VersionId, row.AgentName, row.VersionLabel, row.SuiteId, row.SuiteName, row.CreatedAt, row.PassedCount, row.CaseCount, row.PassThreshold, cost, slow);
}

/// <summary>One run of a trend.</summary>
internal sealed record TrendPoint(
    long RunId, long VersionId, string AgentName, string VersionLabel, long SuiteId, string SuiteName, DateTimeOffset At, int PassedCount, int CaseCount, double Threshold, double? Cost, long? P95Ms)
{
    /// <summary>Its pass rate.</summary>
    public double Rate { get; } = CaseCount == 0 ? 0 : (double)PassedCount / CaseCount;

    /// <summary>The 95 % interval around it.</summary>
    public WilsonInterval Interval { get; } = WilsonInterval.Of(PassedCount, CaseCount);
}

/// <summary>What the page of a trend shows.</summary>
/// <param name="Tenant">Whose runs.</param>
/// <param name="Version">The version; null for all.</param>
/// <param name="Suite">The suite; null for all.</param>
/// <param name="Agent">The agent; null for all, or when a version is chosen.</param>
/// <param name="Points">The runs, the oldest first.</param>
internal sealed record TrendModel(Tenant Tenant, AgentVersion? Version, EvaluationSuite? Suite, string? Agent, IReadOnlyList<TrendPoint> Points);
