using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class SampleSizeTests
{
    // (1.959964 √ψ + z √(ψ − d²))² / d², by hand: Connett, Smith and McHugh.
    [TestCase(0.3, 0.1, 0.9, 101)]
    [TestCase(0.3, 0.1, 0.8, 77)]
    [TestCase(0.1, 0.3, 0.8, 77)]
    [TestCase(0.135, 0.11, 0.8, 3075)]
    public void ForPairedComparison_MarginZero_IsMcNemarsSampleSize(double newlyFailing, double newlyPassing, double power, long expected) =>
        SampleSize.ForPairedComparison(newlyFailing, newlyPassing, 0, 0.05, power).Should().Be(expected);

    [Test]
    public void ForPairedComparison_EqualVersions_ReachesItsPowerInASimulation()
    {
        var cases = SampleSize.ForPairedComparison(0.1, 0.1, 0.08, 0.05, 0.8)!.Value;
        var random = new Random(7);
        var shown = Enumerable.Range(0, 2000).Count(_ =>
        {
            var (b, c) = (0, 0);
            for (var i = 0; i < cases; i++)
            {
                var draw = random.NextDouble();
                b += draw < 0.1 ? 1 : 0;
                c += draw is >= 0.1 and < 0.2 ? 1 : 0;
            }

            return PairedDifference.Of(b, c, cases) is var seen && seen.P(0.08) <= 0.05 && seen.Score(0.08) < 0;
        });

        (shown / 2000.0).Should().BeInRange(0.76, 0.84);
    }

    [Test]
    public void ForPairedComparison_DifferenceAtTheMargin_HasNoAnswer()
    {
        SampleSize.ForPairedComparison(0.25, 0.125, 0.125, 0.05, 0.8).Should().BeNull();
        SampleSize.ForPairedComparison(0.1, 0.1, 0.00001, 0.05, 0.8).Should().BeNull("it would take billions of cases");
    }

    [TestCase(20, 5, 0.7)]
    [TestCase(22, 3, 0.8)]
    [TestCase(17, 8, 0.8)]
    [TestCase(360, 40, 0.88)]
    public void MoreForEvidence_ContinuedAtTheObservedRate_DecidesThereAndNotEarlier(long passed, long failed, double threshold)
    {
        var total = passed + failed;
        var more = SampleSize.MoreForEvidence(passed, failed, threshold, 0.05)!.Value;

        more.Should().BePositive();
        IsDecided(total + more).Should().BeTrue();
        for (var cases = total; cases < total + more; cases++)
            IsDecided(cases).Should().BeFalse();

        bool IsDecided(long cases)
        {
            var rate = (double)passed / total;
            return Math.Max(
                EProcess.LogAbove(cases * rate, cases * (1 - rate), threshold),
                EProcess.LogBelow(cases * rate, cases * (1 - rate), threshold)) >= Math.Log(20);
        }
    }

    [Test]
    public void MoreForEvidence_Decided_NeedsNoMore()
    {
        SampleSize.MoreForEvidence(25, 0, 0.8, 0.05).Should().Be(0);
        SampleSize.MoreForEvidence(5, 20, 0.8, 0.05).Should().Be(0);
    }

    [Test]
    public void MoreForEvidence_RateAtTheThresholdOrNoCases_HasNoAnswer()
    {
        SampleSize.MoreForEvidence(20, 5, 0.8, 0.05).Should().BeNull();
        SampleSize.MoreForEvidence(0, 0, 0.8, 0.05).Should().BeNull();
    }

    [Test]
    public void MoreForPairedComparison_ContinuedAtTheObservedShares_DecidesThereAndNotEarlier()
    {
        var seen = PairedDifference.Of(54, 44, 400);

        var more = SampleSize.MoreForPairedComparison(seen, 0.05, 0.05)!.Value;

        Scaled(400 + more).P(0.05).Should().BeLessThanOrEqualTo(0.05);
        Scaled(400 + more - 1).P(0.05).Should().BeGreaterThan(0.05);
        SampleSize.MoreForPairedComparison(seen, 0.08, 0.05).Should().Be(0);
        SampleSize.MoreForPairedComparison(PairedDifference.Of(54, 34, 400), 0.05, 0.05).Should().BeNull("the observed difference equals the margin");

        static PairedDifference Scaled(long cases) => PairedDifference.Of(54.0 * cases / 400, 44.0 * cases / 400, cases);
    }
}
