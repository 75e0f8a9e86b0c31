using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain.Statistics;

public sealed class HolmStepDownTests
{
    [Test]
    public void Decide_FourTests_StepsDownUntilTheFirstThatIsNotSignificant()
    {
        // Against 0.05/4, 0.05/3, 0.05/2: the third smallest, 0.03, is not significant; therefore 0.04 is not either, although it would be alone.
        var decisions = HolmStepDown.Decide([0.01, 0.04, 0.03, 0.005], 0.05);

        decisions.Select(decision => decision.IsRejected).Should().Equal(true, false, false, true);
        decisions.Select(decision => decision.Level).Should().Equal(0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4);
    }

    [Test]
    public void Decide_OneTest_IsComparedWithAlphaItself() => HolmStepDown.Decide([0.05], 0.05).Should().Equal(new HolmDecision(true, 0.05));

    [Test]
    public void Decide_NoTest_DecidesNothing() => HolmStepDown.Decide([], 0.05).Should().BeEmpty();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void Decide_ImpossibleAlpha_IsRejected(double alpha) =>
        FluentActions.Invoking(() => HolmStepDown.Decide([0.5], alpha)).Should().Throw<ArgumentOutOfRangeException>();
}
