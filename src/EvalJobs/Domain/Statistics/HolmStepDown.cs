namespace EvalJobs.Domain;

/// <summary>
/// Holm's step-down: several tests share one α, so that the chance of any false rejection among them stays at or below it, whatever their dependence.
/// </summary>
/// <remarks>S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).</remarks>
internal static class HolmStepDown
{
    /// <summary>Tests the smallest p-value at α/m, the next at α/(m−1), and so on, until one is not rejected; those after it are not rejected either.</summary>
    /// <param name="pValues">One per test, 0..1.</param>
    /// <param name="alpha">The shared α, above 0 and below 1.</param>
    /// <returns>For each test, in the order given: whether it is rejected, and at which level it was (or would have been) tested.</returns>
    public static IReadOnlyList<HolmDecision> Decide(IReadOnlyList<double> pValues, double alpha)
    {
        if (alpha is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "α is above 0 and below 1.");

        var decisions = new HolmDecision[pValues.Count];
        var left = pValues.Count;
        var goesOn = true;
        foreach (var index in Enumerable.Range(0, pValues.Count).OrderBy(index => pValues[index]).ThenBy(index => index))
        {
            var level = alpha / left;
            goesOn &= pValues[index] <= level;
            decisions[index] = new HolmDecision(goesOn, level);
            if (goesOn)
                left--;
        }

        return decisions;
    }
}

/// <summary>What Holm's step-down says of one of its tests.</summary>
/// <param name="IsRejected">Whether its hypothesis is rejected.</param>
/// <param name="Level">The level it was tested at; for those after the first that was not rejected, the level of that one.</param>
internal readonly record struct HolmDecision(bool IsRejected, double Level);
