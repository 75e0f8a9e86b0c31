using System.Globalization;
using CsCheck;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class PassRuleTests
{
    [TestCase(0)]
    [TestCase(0.8)]
    [TestCase(1)]
    public void Decide_EmptyRun_NeverPasses(double threshold)
    {
        PassRule.PassRate(0, 0).Should().Be(0);
        PassRule.Decide(0, 0, threshold).Should().Be(EvalStatus.Fail, "a run without cases proves nothing");
    }

    [TestCase(0, EvalStatus.Pass)]
    [TestCase(1, EvalStatus.Pass)]
    public void Decide_ThresholdZero_PassesAnyRunWithCases(int passed, EvalStatus expected) =>
        PassRule.Decide(passed, 1, threshold: 0).Should().Be(expected);

    [TestCase(99_999, EvalStatus.Fail)]
    [TestCase(100_000, EvalStatus.Pass)]
    public void Decide_ThresholdOne_NeedsEveryCase(int passed, EvalStatus expected) =>
        PassRule.Decide(passed, 100_000, threshold: 1).Should().Be(expected);

    [TestCase(4, 5, 0.8, EvalStatus.Pass)]
    [TestCase(79, 100, 0.8, EvalStatus.Fail)]
    [TestCase(80, 100, 0.8, EvalStatus.Pass)]
    [TestCase(3, 10, 0.3, EvalStatus.Pass)]
    [TestCase(7, 10, 0.7, EvalStatus.Pass)]
    [TestCase(29, 100, 0.29, EvalStatus.Pass)]
    [TestCase(57, 100, 0.57, EvalStatus.Pass)]
    [TestCase(2, 3, 0.6666, EvalStatus.Pass)]
    [TestCase(2, 3, 0.6667, EvalStatus.Fail)]
    [TestCase(3, 10, 0.1 * 3, EvalStatus.Fail, Description = "0.1 * 3 is 0.30000000000000004, which is above three tenths and is used as it is")]
    [TestCase(8, 10, 0.7 + 0.1, EvalStatus.Pass)]
    public void Decide_AtTheEdge_ComparesExactly(int passed, int cases, double threshold, EvalStatus expected) =>
        PassRule.Decide(passed, cases, threshold).Should().Be(expected);

    [Test]
    public void Decide_ThresholdWrittenAsADecimal_PassesExactlyAtThatShare() =>
        // passed/cases and the decimal are the same real number, so both round to the same double: no tolerance is needed.
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 1_000_000], Gen.Int[1, 400]).Sample((digits, numerator, factor) =>
        {
            var scale = (int)Math.Pow(10, digits);
            var share = numerator % (scale + 1);
            var threshold = double.Parse($"{share}e-{digits}", CultureInfo.InvariantCulture);

            PassRule.Decide(share * factor, scale * factor, threshold).Should().Be(EvalStatus.Pass);
            if (share > 0)
                PassRule.Decide((share * factor) - 1, scale * factor, threshold).Should().Be(EvalStatus.Fail);
        });

    [Test]
    public void PassRate_ErroredAndUnscoredCases_CountInTheDenominator() =>
        Tally(passed: 2, errored: 1, unscored: 1).PassRate.Should().Be(0.5);

    private static RunTally Tally(int passed = 0, int errored = 0, int unscored = 0) => new()
    {
        CaseCount = passed + errored + unscored,
        PassedCount = passed,
        FailedCount = 0,
        ErroredCount = errored,
        UnscoredCount = unscored,
    };
}
