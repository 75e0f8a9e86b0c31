using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class RunComparisonTests
{
    [TestCase(0, 0, 0, "no case in common")]
    [TestCase(20, 0, 0, "No case came out differently")]
    [TestCase(20, 3, 3, "equally well")]
    [TestCase(20, 8, 0, "is worse than its parent")]
    [TestCase(20, 0, 8, "is better than its parent")]
    [TestCase(20, 4, 1, "did worse than its parent, but the difference may well be chance")]
    [TestCase(20, 1, 4, "did better than its parent, but the difference may well be chance")]
    public void Reading_OfCounts_ExplainsThem(int shared, int newlyFailing, int newlyPassing, string reading) =>
        new RunComparison { SharedCount = shared, NewlyFailingCount = newlyFailing, NewlyPassingCount = newlyPassing, Changed = [] }
            .Reading.Should().Contain(reading);
}
