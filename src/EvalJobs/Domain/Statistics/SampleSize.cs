using MathNet.Numerics.Distributions;

namespace EvalJobs.Domain;

/// <summary>How many cases a decision needs.</summary>
internal static class SampleSize
{
    /// <summary>No answer beyond this many cases is useful.</summary>
    public const long MaxCases = 10_000_000;

    /// <summary>Cases a paired comparison needs to show, with the given power, that the version is not worse than the baseline by the margin.</summary>
    /// <param name="newlyFailing">The expected share of cases that pass with the baseline only, 0..1.</param>
    /// <param name="newlyPassing">The expected share of cases that pass with the version only, 0..1.</param>
    /// <param name="margin">The difference to exclude, 0..1; 0 asks for a difference at all, as McNemar's test does.</param>
    /// <param name="alpha">Two-sided, such as 0.05.</param>
    /// <param name="power">The chance of success when the shares are as expected, such as 0.8.</param>
    /// <returns>The cases; null when the expected difference is the margin itself, or more than <see cref="MaxCases"/> would be needed.</returns>
    /// <remarks>
    /// J. Nam, "Establishing equivalence of two treatments and sample size requirements in matched-pairs design", Biometrics 53 (1997), for Tango's statistic; at
    /// margin 0 it is the formula of R. J. Connett, J. A. Smith and R. B. McHugh, Statistics in Medicine 6 (1987), for McNemar's test.
    /// </remarks>
    public static long? ForPairedComparison(double newlyFailing, double newlyPassing, double margin, double alpha, double power)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newlyFailing);
        ArgumentOutOfRangeException.ThrowIfNegative(newlyPassing);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newlyPassing, 1 + 1e-12 - newlyFailing);
        if (margin is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "The margin is 0 or more and below 1.");

        var difference = newlyFailing - newlyPassing;
        var distance = margin - difference;
        if (distance == 0)
            return null;

        // The statistic of shares rather than counts: its square over the distance's is the variance under the hypothesis, per case.
        var score = PairedDifference.Of(newlyFailing, newlyPassing, 1).Score(margin);
        var underHypothesis = double.IsInfinity(score) ? 0 : Math.Abs(distance / score);
        var asExpected = Math.Sqrt(Math.Max(0, newlyFailing + newlyPassing - (difference * difference)));
        var sum = (Quantile(1 - (alpha / 2)) * underHypothesis) + (Quantile(power) * asExpected);
        var cases = Math.Ceiling(sum * sum / (distance * distance));
        return cases > MaxCases ? null : Math.Max(1, (long)cases);
    }

    /// <summary>How many more cases bring the e-process to 1/α, either way, when the rest pass at the rate seen so far.</summary>
    /// <param name="passed">Passed cases.</param>
    /// <param name="failed">The other cases.</param>
    /// <param name="threshold">Above 0 and below 1.</param>
    /// <param name="alpha">Above 0 and below 1.</param>
    /// <returns>0 when it is decided; null when nothing was seen yet, or the rate seen is so near the threshold that more than <see cref="MaxCases"/> would be needed.</returns>
    public static long? MoreForEvidence(long passed, long failed, double threshold, double alpha)
    {
        var total = passed + failed;
        if (total == 0)
            return null;

        var rate = (double)passed / total;
        var goal = -Math.Log(alpha);
        return FirstAtLeast(total, cases => Math.Max(
            EProcess.LogAbove(cases * rate, cases * (1 - rate), threshold),
            EProcess.LogBelow(cases * rate, cases * (1 - rate), threshold)) >= goal) - total;
    }

    /// <summary>How many more cases would let the paired score test decide about the margin, when the rest differ as often as those seen.</summary>
    /// <param name="seen">The comparison so far.</param>
    /// <param name="margin">The margin, 0..1.</param>
    /// <param name="level">The level the test is held at, two-sided.</param>
    /// <returns>0 when it is decided; null when the difference seen is so near the margin that more than <see cref="MaxCases"/> would be needed.</returns>
    public static long? MoreForPairedComparison(PairedDifference seen, double margin, double level)
    {
        var cases = (long)Math.Ceiling(seen.Cases);
        return FirstAtLeast(cases, total => PairedDifference
            .Of(seen.NewlyFailing * total / seen.Cases, seen.NewlyPassing * total / seen.Cases, total)
            .P(margin) <= level) - cases;
    }

    /// <summary>The smallest sufficient number from <paramref name="start"/> on; all larger numbers are sufficient, too.</summary>
    private static long? FirstAtLeast(long start, Func<long, bool> isEnough)
    {
        if (isEnough(start))
            return start;

        var tooFew = start;
        var enough = start;
        do
        {
            if (enough >= MaxCases)
                return null;
            tooFew = enough;
            enough = Math.Min(MaxCases, enough * 2);
        }
        while (!isEnough(enough));

        while (enough - tooFew > 1)
        {
            var middle = tooFew + ((enough - tooFew) / 2);
            if (isEnough(middle))
                enough = middle;
            else
                tooFew = middle;
        }

        return enough;
    }

    private static double Quantile(double probability) => Normal.InvCDF(0, 1, probability);
}
