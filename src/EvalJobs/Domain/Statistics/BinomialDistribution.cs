using MathNet.Numerics;

namespace EvalJobs.Domain;

/// <summary>The binomial distribution's probabilities as logarithms, to full precision for counts of ten million and more.</summary>
/// <remarks>
/// C. Loader, "Fast and accurate computation of binomial probabilities" (2000): the probability is written as small corrections of a deviance, so that
/// no two large logarithms of factorials are subtracted from each other.
/// </remarks>
internal static class BinomialDistribution
{
    private const double HalfLogTwoPi = 0.91893853320467274178;

    /// <summary>The logarithm of C(n, successes) · p^successes · (1 − p)^(n − successes).</summary>
    /// <param name="successes">0 or more; need not be whole.</param>
    /// <param name="failures">0 or more; need not be whole.</param>
    /// <param name="p">Above 0 and below 1.</param>
    public static double LogProbability(double successes, double failures, double p)
    {
        var n = successes + failures;
        if (n == 0)
            return 0;
        if (successes == 0)
            return n * LogOneMinus(p);
        if (failures == 0)
            return n * Math.Log(p);

        return StirlingError(n) - StirlingError(successes) - StirlingError(failures)
            - Deviance(successes, n * p) - Deviance(failures, n * (1 - p))
            + (0.5 * (Math.Log(n) - Math.Log(successes) - Math.Log(failures))) - HalfLogTwoPi;
    }

    /// <summary>ln(1 − x), exact also for a small <paramref name="x"/>.</summary>
    public static double LogOneMinus(double x) => SpecialFunctions.Log1p(-x);

    /// <summary>ln x! − (½ ln(2πx) + x ln x − x): what Stirling's formula leaves out.</summary>
    private static double StirlingError(double x)
    {
        if (x < 15)
            return SpecialFunctions.GammaLn(x + 1) - (HalfLogTwoPi + ((x + 0.5) * Math.Log(x)) - x);

        var square = x * x;
        return ((1.0 / 12) - (((1.0 / 360) - (((1.0 / 1260) - (((1.0 / 1680) - (1.0 / 1188 / square)) / square)) / square)) / square)) / x;
    }

    /// <summary>x ln(x / expected) + expected − x, without the cancellation of these terms when x is near what was expected.</summary>
    private static double Deviance(double x, double expected)
    {
        var difference = x - expected;
        if (Math.Abs(difference) >= 0.1 * (x + expected))
            return (x * Math.Log(x / expected)) + expected - x;

        var ratio = difference / (x + expected);
        var sum = difference * ratio;
        var term = 2 * x * ratio;
        for (var k = 1; ; k++)
        {
            term *= ratio * ratio;
            var next = sum + (term / ((2 * k) + 1));
            if (next == sum)
                return sum;
            sum = next;
        }
    }
}
