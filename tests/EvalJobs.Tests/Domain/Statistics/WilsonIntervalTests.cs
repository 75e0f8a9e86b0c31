using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class WilsonIntervalTests
{
    // R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    [TestCase(81, 263, 0.2553, 0.3662)]
    [TestCase(15, 148, 0.0624, 0.1605)]
    [TestCase(0, 20, 0.0000, 0.1611)]
    [TestCase(1, 29, 0.0061, 0.1718)]
    public void Of_NewcombesExamples_GivesThePublishedBounds(int passed, int cases, double low, double high)
    {
        var interval = WilsonInterval.Of(passed, cases);

        interval.Low.Should().BeApproximately(low, 0.00005);
        interval.High.Should().BeApproximately(high, 0.00005);
    }

    [Test]
    public void Of_AnyCounts_StaysWithinZeroAndOneAroundTheShareAndIsSymmetric()
    {
        for (var cases = 1; cases <= 60; cases++)
        {
            for (var passed = 0; passed <= cases; passed++)
            {
                var interval = WilsonInterval.Of(passed, cases);
                var mirrored = WilsonInterval.Of(cases - passed, cases);

                interval.Low.Should().BeInRange(0, (double)passed / cases);
                interval.High.Should().BeInRange((double)passed / cases, 1);
                interval.Low.Should().BeApproximately(1 - mirrored.High, 1e-12);
            }
        }
    }

    [Test]
    public void Of_NoCases_IsZeroToOne() => WilsonInterval.Of(0, 0).Should().Be(new WilsonInterval(0, 1));

    [TestCase(-1, 5)]
    [TestCase(6, 5)]
    public void Of_ImpossibleCounts_AreRejected(int passed, int cases) =>
        FluentActions.Invoking(() => WilsonInterval.Of(passed, cases)).Should().Throw<ArgumentOutOfRangeException>();
}
