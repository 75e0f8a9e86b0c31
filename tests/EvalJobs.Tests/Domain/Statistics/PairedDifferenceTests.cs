using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class PairedDifferenceTests
{
    // The first two from Tango's paper and its discussion; the rest from GSM8K's published answers, first 400 questions.
    [TestCase(1, 7, 21, -0.517232, -0.026003)]
    [TestCase(12, 2, 50, 0.061112, 0.344709)]
    [TestCase(54, 44, 400, -0.023798, 0.074030)]
    [TestCase(100, 22, 400, 0.144610, 0.246381)]
    [TestCase(15, 82, 400, -0.214339, -0.122938)]
    public void Interval_PublishedCounts_GivesThePublishedBounds(int newlyFailing, int newlyPassing, int cases, double low, double high)
    {
        var interval = PairedDifference.Of(newlyFailing, newlyPassing, cases).Interval(0.95);

        interval.Low.Should().BeApproximately(low, 0.0000005);
        interval.High.Should().BeApproximately(high, 0.0000005);
    }

    [Test]
    public void ExactP_Gsm8k_GivesThePublishedValue() => McNemar.ExactP(54, 44).Should().BeApproximately(0.363354, 0.0000005);

    [Test]
    public void Interval_AnySmallCounts_ContainsTheEstimateIsSymmetricAndAgreesWithItsTest()
    {
        for (var b = 0; b <= 12; b++)
        {
            for (var c = 0; b + c <= 12; c++)
            {
                var difference = PairedDifference.Of(b, c, 12);
                var (low, high) = difference.Interval(0.95);
                var mirrored = PairedDifference.Of(c, b, 12).Interval(0.95);

                low.Should().BeInRange(-1, difference.Estimate + 1e-9);
                high.Should().BeInRange(difference.Estimate - 1e-9, 1);
                low.Should().BeApproximately(-mirrored.High, 1e-9);
                if (high < 0.99)
                {
                    difference.P(high + 1e-6).Should().BeLessThan(0.05);
                    difference.P(high - 1e-6).Should().BeGreaterThan(0.05);
                }
            }
        }
    }

    [Test]
    public void Score_BruteForceMaximum_UsesTheMostLikelyShare()
    {
        // Independent of the quadratic equation: the likelihood is maximised by search.
        foreach (var (b, c, n, delta) in new[] { (3, 5, 20, 0.1), (12, 2, 50, 0.05), (0, 4, 30, -0.2), (7, 0, 40, 0.3), (54, 44, 400, 0.08) })
        {
            var best = Search(share => LogLikelihood(b, c, n, share, delta), Math.Max(0, -delta), (1 - delta) / 2);
            var expected = (b - c - (n * delta)) / Math.Sqrt(n * ((2 * best) + (delta * (1 - delta))));

            PairedDifference.Of(b, c, n).Score(delta).Should().BeApproximately(expected, 1e-5);
        }
    }

    [Test]
    public void Interval_TenMillionCases_StaysFiniteAndNarrow()
    {
        var (low, high) = PairedDifference.Of(300_000, 290_000, 10_000_000).Interval(0.95);

        low.Should().BeApproximately(0.001 - (1.959964 * Math.Sqrt(0.058999 / 1e7)), 1e-8);
        high.Should().BeApproximately(0.001 + (1.959964 * Math.Sqrt(0.058999 / 1e7)), 1e-8);
    }

    [Test]
    public void Of_NoDifferingCase_IsCentredOnZero()
    {
        var (low, high) = PairedDifference.Of(0, 0, 25).Interval(0.95);

        high.Should().BeApproximately(-low, 1e-9).And.BeInRange(0.1, 0.2, "z² / (n + z²) = 0.133");
    }

    [TestCase(1, 1, 0)]
    [TestCase(-1, 1, 5)]
    [TestCase(3, 3, 5)]
    [TestCase(double.NaN, 3, 5)]
    public void Of_ImpossibleCounts_AreRejected(double newlyFailing, double newlyPassing, double cases) =>
        FluentActions.Invoking(() => PairedDifference.Of(newlyFailing, newlyPassing, cases)).Should().Throw<ArgumentOutOfRangeException>();

    private static double LogLikelihood(int b, int c, int n, double share, double delta) =>
        Term(b, share + delta) + Term(c, share) + Term(n - b - c, 1 - (2 * share) - delta);

    private static double Term(int count, double probability) =>
        count == 0 ? 0 : probability <= 0 ? double.NegativeInfinity : count * Math.Log(probability);

    private static double Search(Func<double, double> value, double low, double high)
    {
        for (var i = 0; i < 300; i++)
        {
            var (left, right) = (low + ((high - low) / 3), high - ((high - low) / 3));
            if (value(left) < value(right))
                low = left;
            else
                high = right;
        }

        return (low + high) / 2;
    }
}
