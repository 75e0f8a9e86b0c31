namespace EvalJobs.Domain;

/// <summary>Turns the results of a run into its figures and its outcome.</summary>
internal static class PassRule
{
    /// <summary>The default pass threshold of a suite: 0.8, four of five cases.</summary>
    public const double DefaultThreshold = 0.8;

    /// <summary>passRate = passed / cases. ERRORED and UNSCORED cases stay in the denominator: they never count as passed.</summary>
    /// <returns>0..1; 0 for a run without cases.</returns>
    public static double PassRate(long passed, long cases) => cases == 0 ? 0 : (double)passed / cases;

    /// <returns><see cref="EvalStatus.Pass"/> when the pass rate reaches the threshold, else <see cref="EvalStatus.Fail"/>.</returns>
    /// <remarks>An empty run never passes, even at threshold 0.</remarks>
    public static EvalStatus Decide(int passed, int cases, double threshold) =>
        cases > 0 && PassRate(passed, cases) >= threshold ? EvalStatus.Pass : EvalStatus.Fail;

    /// <returns>The outcome of a run by <see cref="Decide"/>; null unless it completed.</returns>
    public static EvalStatus? Outcome(RunStatus status, int passed, int cases, double threshold) =>
        status == RunStatus.Completed ? Decide(passed, cases, threshold) : null;
}
