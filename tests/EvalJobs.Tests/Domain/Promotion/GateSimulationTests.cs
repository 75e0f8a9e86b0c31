using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Promotion;

/// <summary>How often the gate promotes agents of known quality by chance. The benchmark "gate" repeats this with many more agents.</summary>
public sealed class GateSimulationTests
{
    [TestCase(0.70, 0, 0.01)]
    [TestCase(0.75, 0, 0.01)]
    [TestCase(0.79, 0, 0.05)]
    [TestCase(0.95, 0.99, 1)]
    public void Evidence_TenLooksOfTwentyFiveCases_PromotesByQualityNotByChance(double trueRate, double low, double high)
    {
        var share = GateSimulation.PromotedShare(GateRule.Evidence, trueRate, agents: 2000, looks: 10, seed: 12);

        TestContext.Out.WriteLine($"evidence, true rate {trueRate}: {share:P2} promoted");
        share.Should().BeInRange(low, high);
    }

    [Test]
    public void Rate_TenLooksOfTwentyFiveCases_IsHarderToPassByChanceThanTheLatestLookAlone()
    {
        // The first version promoted 89 of 100 agents of this quality within ten runs; with the pooled rate only early looks can pass by chance.
        var share = GateSimulation.PromotedShare(GateRule.Rate, 0.70, agents: 2000, looks: 10, seed: 12);

        TestContext.Out.WriteLine($"rate, true rate 0.7: {share:P2} promoted");
        share.Should().BeLessThan(0.35);
    }

    [Test]
    public void NotWorse_VersionExactlyAtTheMargin_HasItsNominalErrorRate()
    {
        var equal = GateSimulation.NotWorseShares(difference: 0, margin: 0, agents: 2000, cases: 400, seed: 12);
        var atMargin = GateSimulation.NotWorseShares(difference: 0.05, margin: 0.05, agents: 2000, cases: 400, seed: 13);

        TestContext.Out.WriteLine($"equal versions, margin 0: {equal}; worse by exactly the margin of 0.05: {atMargin}");
        foreach (var share in (double[])[equal.Pass, equal.Fail, atMargin.Pass, atMargin.Fail])
            share.Should().BeInRange(0.015, 0.035, "half of α = 0.05 on each side, and 2,000 draws");
    }

    [Test]
    public void NotWorse_EqualVersionsAndAMargin_HardlyEverBlocks()
    {
        var shares = GateSimulation.NotWorseShares(difference: 0, margin: 0.05, agents: 2000, cases: 400, seed: 14);

        TestContext.Out.WriteLine($"equal versions, margin 0.05, 400 cases: {shares}");
        shares.Fail.Should().BeLessThan(0.001);
        shares.Pass.Should().BeInRange(0.55, 0.7, "(0.05 − 1.96 · σ) / σ with σ = √(0.2 / 400)");
    }

    [Test]
    public void Holm_TwelveSuitesAllAtTheMargin_KeepsTheFamilyErrorWithinAlpha()
    {
        var error = GateSimulation.FamilyError(suites: 12, agents: 2000, cases: 400, seed: 12);

        TestContext.Out.WriteLine($"twelve suites: family error {error:P2}");
        error.Should().BeInRange(0.03, 0.05);
    }
}
