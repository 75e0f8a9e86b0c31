using EvalJobs.Server.Web;
using Hangfire;
using Hangfire.Storage.Monitoring;

namespace EvalJobs.Server.Dashboard;

/// <summary>Hangfire's own figures for the badges of its menu entries, shared by all browsers.</summary>
internal sealed class HangfireStatistics(JobStorage storage, TimeProvider clock)
{
    private readonly SharedSnapshot<StatisticsDto> _figures = new(
        () => Task.Run(() => storage.GetMonitoringApi().GetStatistics()), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15), clock);

    /// <returns>The figures of a few seconds ago, at once; null until they were read once.</returns>
    public StatisticsDto? Peek() => _figures.Peek();
}
