namespace EvalJobs.Domain;

/// <summary>
/// Evidence that a pass rate is above (or below) a threshold, which may be looked at after every run: a mixture e-process. When the rate is in truth
/// at or below the threshold, the chance that the value <em>ever</em> reaches 1/α, however often one looks, is at most α.
/// </summary>
/// <remarks>
/// <para>
/// The value for s passed and f other cases at threshold p0 is the likelihood of the counts, averaged over all rates from p0 to 1, divided by
/// their likelihood at p0: log E = ln[B(s+1, f+1) · (1 − I_p0(s+1, f+1))] − ln(1−p0) − s · ln p0 − f · ln(1−p0), with B the beta function and I the
/// regularised incomplete one. For each rate above p0 the likelihood ratio is a supermartingale under any rate up to p0, so their average is one,
/// too, and Ville's inequality gives the bound. It also holds when the cases differ in difficulty and only their mean rate is at most p0, looked
/// at when all of them were asked.
/// </para>
/// <para>
/// Sources: J. Ville, "Étude critique de la notion de collectif" (1939); H. Robbins, "Statistical methods related to the law of the iterated logarithm",
/// Annals of Mathematical Statistics 41 (1970); A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, "Game-theoretic statistics and safe anytime-valid
/// inference", Statistical Science 38 (2023).
/// </para>
/// <para>All in logarithms, exact to some 12 digits for counts up to ten million.</para>
/// </remarks>
internal static class EProcess
{
    /// <summary>Evidence that the rate is above the threshold: the natural logarithm of the e-value against "at most <paramref name="threshold"/>".</summary>
    /// <param name="passed">Passed cases, 0 or more. Need not be whole, so that a rate can be carried on.</param>
    /// <param name="failed">Cases that did not pass, 0 or more. Need not be whole.</param>
    /// <param name="threshold">Above 0 and below 1.</param>
    /// <returns>0 without any case; positive when the counts speak for a higher rate, negative when they speak against it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative count, or a threshold that is not between 0 and 1.</exception>
    public static double LogAbove(double passed, double failed, double threshold)
    {
        if (passed is not (>= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(passed), passed, "A count is 0 or more.");
        if (failed is not (>= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(failed), failed, "A count is 0 or more.");
        if (threshold is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold must be above 0 and below 1.");

        // In both directions, the large terms s · ln p0 and f · ln(1−p0) cancel in the formula, so neither is computed.
        if (passed <= threshold * (passed + failed))
            return Math.Log(threshold) - Math.Log(failed + 1) + IncompleteBeta.LogFraction(failed + 1, passed + 1, 1 - threshold);

        var total = passed + failed;
        var below = Math.Exp(LogBelowThreshold(passed, failed, threshold));
        return -Math.Log(total + 1) - BinomialDistribution.LogProbability(passed, failed, threshold)
            + BinomialDistribution.LogOneMinus(below) - BinomialDistribution.LogOneMinus(threshold);
    }

    /// <summary>The mirror image: evidence that the rate is below the threshold, against "at least <paramref name="threshold"/>".</summary>
    /// <inheritdoc cref="LogAbove"/>
    public static double LogBelow(double passed, double failed, double threshold) => LogAbove(failed, passed, 1 - threshold);

    /// <summary>ln I_p0(s+1, f+1): the part of the mixture over all rates that lies at or below the threshold.</summary>
    private static double LogBelowThreshold(double passed, double failed, double threshold) =>
        BinomialDistribution.LogProbability(passed, failed, threshold) + Math.Log(passed + failed + 1)
        + Math.Log(threshold) + BinomialDistribution.LogOneMinus(threshold) - Math.Log(passed + 1)
        + IncompleteBeta.LogFraction(passed + 1, failed + 1, threshold);
}
