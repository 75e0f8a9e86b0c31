using System.Numerics;
using EvalJobs.Domain;
using MathNet.Numerics;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class EProcessTests
{
    [TestCase(25, 25, 50.749576)]
    [TestCase(24, 25, 7.959932)]
    [TestCase(60, 63, 160.388599)]
    [TestCase(92, 100, 85.524465)]
    [TestCase(180, 200, 408.453912)]
    public void LogAbove_ScoresAtFourInFive_GivesThePublishedValues(int passed, int cases, double expected) =>
        Math.Exp(EProcess.LogAbove(passed, cases - passed, 0.8)).Should().BeApproximately(expected, 0.0000005);

    [TestCase(224, 0.5, 0.3443)]
    [TestCase(156, 0.5, -1.9647)]
    [TestCase(224, 0.4, 8.0407)]
    public void LogAbove_FirstFourHundredOfGsm8k_GivesThePublishedLogarithms(int passed, double threshold, double expectedLog10) =>
        (EProcess.LogAbove(passed, 400 - passed, threshold) / Math.Log(10)).Should().BeApproximately(expectedLog10, 0.00005);

    [TestCase(1, 2)]
    [TestCase(4, 5)]
    [TestCase(1, 10)]
    [TestCase(99, 100)]
    public void LogAbove_SmallCounts_AgreesWithExactRationalArithmetic(int numerator, int denominator)
    {
        for (var cases = 0; cases <= 60; cases++)
        {
            for (var passed = 0; passed <= cases; passed++)
            {
                EProcess.LogAbove(passed, cases - passed, (double)numerator / denominator)
                    .Should().BeApproximately(ExactLogAbove(passed, cases - passed, numerator, denominator), 1e-11, "of {0} of {1}", passed, cases);
            }
        }
    }

    [TestCase(8_000_000, 2_000_000, 0.8)]
    [TestCase(8_001_000, 1_999_000, 0.8)]
    [TestCase(7_999_000, 2_001_000, 0.8)]
    [TestCase(9_999_999, 1, 0.9999)]
    [TestCase(5_000_000, 5_000_000, 0.4)]
    [TestCase(5_000_000, 5_000_000, 0.6)]
    [TestCase(1_000, 9_999_000, 0.0001)]
    [TestCase(0, 10_000_000, 0.8)]
    [TestCase(10_000_000, 0, 0.8)]
    public void LogAbove_TenMillionCases_AgreesWithNumericalIntegration(long passed, long failed, double threshold)
    {
        var expected = IntegratedLogAbove(passed, failed, threshold);

        EProcess.LogAbove(passed, failed, threshold).Should().BeApproximately(expected, 1e-6 + (Math.Abs(expected) * 1e-10));
    }

    [Test]
    public void LogAbove_UpToTwoThousandCases_AgreesWithTheLibrarysBetaFunction()
    {
        foreach (var cases in new[] { 100, 500, 2000 })
        {
            for (var passed = cases / 2; passed <= cases; passed += cases / 20)
            {
                var (s, f, p0) = ((double)passed, (double)cases - passed, 0.7);
                var expected = SpecialFunctions.BetaLn(s + 1, f + 1) + Math.Log(SpecialFunctions.BetaRegularized(f + 1, s + 1, 1 - p0))
                    - Math.Log(1 - p0) - (s * Math.Log(p0)) - (f * Math.Log(1 - p0));

                EProcess.LogAbove(passed, cases - passed, p0).Should().BeApproximately(expected, 1e-8);
            }
        }
    }

    [Test]
    public void LogBelow_AnyCounts_IsSymmetricToLogAbove()
    {
        EProcess.LogBelow(7, 18, 0.8).Should().BeApproximately(EProcess.LogAbove(18, 7, 0.2), 1e-12);
        EProcess.LogBelow(10, 15, 0.8).Should().BeGreaterThan(Math.Log(20), "10 of 25 are strong evidence against a rate of 0.8");
        EProcess.LogBelow(20, 5, 0.8).Should().BeNegative("20 of 25 is the threshold itself");
    }

    [Test]
    public void LogAbove_NoCase_IsZero() => EProcess.LogAbove(0, 0, 0.8).Should().BeApproximately(0, 1e-12);

    [Test]
    public void LogAbove_OneMoreCaseAtTheThresholdRate_HasAMeanOfOne()
    {
        // The property of an e-process: at the threshold's rate the expected next value equals the current one.
        for (var passed = 0; passed <= 30; passed++)
        {
            var now = Math.Exp(EProcess.LogAbove(passed, 30 - passed, 0.8));
            var next = (0.8 * Math.Exp(EProcess.LogAbove(passed + 1, 30 - passed, 0.8))) + (0.2 * Math.Exp(EProcess.LogAbove(passed, 31 - passed, 0.8)));

            (next / now).Should().BeApproximately(1, 1e-10);
        }
    }

    [TestCase(-1, 0, 0.5)]
    [TestCase(0, -1, 0.5)]
    [TestCase(1, 1, 0)]
    [TestCase(1, 1, 1)]
    [TestCase(1, 1, double.NaN)]
    public void LogAbove_ImpossibleInput_IsRejected(double passed, double failed, double threshold) =>
        FluentActions.Invoking(() => EProcess.LogAbove(passed, failed, threshold)).Should().Throw<ArgumentOutOfRangeException>();

    /// <summary>1 − I_p(s+1, f+1) is the chance of at most s successes in s+f+1 trials, a sum of whole numbers over a power of the denominator.</summary>
    private static double ExactLogAbove(int passed, int failed, int numerator, int denominator)
    {
        var n = passed + failed;
        BigInteger sum = 0;
        for (var k = 0; k <= passed; k++)
            sum += Choose(n + 1, k) * BigInteger.Pow(numerator, k) * BigInteger.Pow(denominator - numerator, n + 1 - k);

        // E = sum / denominator^(n+1) / ((n+1) C(n, s)) / ((1−p) p^s (1−p)^f), and the powers of the denominator cancel.
        var divisor = (n + 1) * Choose(n, passed) * BigInteger.Pow(numerator, passed) * BigInteger.Pow(denominator - numerator, failed + 1);
        return BigInteger.Log(sum) - BigInteger.Log(divisor);
    }

    private static BigInteger Choose(int n, int k)
    {
        BigInteger result = 1;
        for (var i = 1; i <= k; i++)
            result = result * (n - k + i) / i;
        return result;
    }

    /// <summary>Simpson's rule over the part of the integrand that counts, in logarithms relative to the threshold.</summary>
    private static double IntegratedLogAbove(long passed, long failed, double threshold)
    {
        double n = passed + failed;
        var centre = Math.Max(threshold, passed / n);
        var width = 40 * Math.Max(1 / n, Math.Sqrt(Math.Max(passed, 1) / n * Math.Max(failed, 1) / n / n));
        var low = Math.Max(threshold, centre - width);
        var high = Math.Min(1 - 1e-15, centre + width);
        const int steps = 400_000;
        var logs = new double[steps + 1];
        for (var i = 0; i <= steps; i++)
        {
            var p = low + ((high - low) * i / steps);
            logs[i] = (passed * SpecialFunctions.Log1p((p - threshold) / threshold)) + (failed * SpecialFunctions.Log1p((threshold - p) / (1 - threshold)));
        }

        var top = logs.Max();
        var sum = 0.0;
        for (var i = 0; i <= steps; i++)
            sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(logs[i] - top);
        return top + Math.Log(sum * (high - low) / steps / 3) - Math.Log(1 - threshold);
    }
}
