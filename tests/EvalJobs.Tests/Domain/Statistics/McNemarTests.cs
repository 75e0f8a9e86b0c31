using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class McNemarTests
{
    // Binomial tails with p = 1/2, doubled; calculated by hand or taken from a table.
    [TestCase(0, 0, 1)]
    [TestCase(0, 1, 1)]
    [TestCase(3, 3, 1)]
    [TestCase(0, 5, 0.0625)]
    [TestCase(0, 6, 0.03125)]
    [TestCase(1, 9, 0.021484375)]
    [TestCase(9, 1, 0.021484375)]
    [TestCase(5, 15, 0.04138946533203125)]
    public void ExactP_KnownCounts_IsTheDoubledBinomialTail(int newlyFailing, int newlyPassing, double expected) =>
        McNemar.ExactP(newlyFailing, newlyPassing).Should().BeApproximately(expected, 1e-12);

    [Test]
    public void ExactP_ManyDisagreements_StaysWithinRange()
    {
        McNemar.ExactP(50_000, 50_000).Should().BeApproximately(1, 1e-9);
        McNemar.ExactP(49_000, 51_000).Should().BeInRange(1e-11, 1e-9, "six standard deviations apart");
        McNemar.ExactP(0, 100_000).Should().Be(0, "less than the smallest double");
    }

    [Test]
    public void ExactP_TenMillionDisagreements_AgreesWithTheNormalApproximation()
    {
        // 5 standard deviations apart, with the continuity correction; the skewness is 0.
        var p = McNemar.ExactP(5_000_000 - 7_906, 5_000_000 + 7_906);

        p.Should().BeApproximately(2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, -(15_812 - 1) / Math.Sqrt(10_000_000)), p * 1e-4);
    }
}
