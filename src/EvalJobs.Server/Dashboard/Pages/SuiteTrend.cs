using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>What a suite's latest runs say.</summary>
/// <param name="Runs">The latest runs, newest first.</param>
internal sealed record SuiteTrend(IReadOnlyList<SuiteRunPoint> Runs)
{
    /// <summary>Runs looked at.</summary>
    public const int Length = 30;

    /// <summary>Pass rates of those that completed and are not void, oldest first.</summary>
    public IReadOnlyList<double> Rates { get; } =
        [.. Runs.Where(run => run.Status == RunStatus.Completed && run.PassRate is not null && run.VoidedAt is null).Select(run => run.PassRate!.Value).Reverse()];

    /// <summary>Their mean; null when there are none.</summary>
    public double? AverageRate => Rates.Count == 0 ? null : Rates.Average();

    /// <summary>The latest run; null when there is none.</summary>
    public SuiteRunPoint? Last => Runs.Count == 0 ? null : Runs[0];

    /// <returns>How many runs a suite has, as words: exact up to what is counted.</returns>
    public static string CountOf(SuiteRow suite) =>
        suite.RunCount >= SuiteListRepository.CountLimit || suite.ArchivedRunCount >= SuiteListRepository.CountLimit
            ? $"{DisplayText.Count(SuiteListRepository.CountLimit)} and more"
            : DisplayText.Count(suite.RunCount + suite.ArchivedRunCount);
}
