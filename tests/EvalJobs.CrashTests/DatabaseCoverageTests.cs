using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

public sealed class DatabaseCoverageTests : DatabaseCoverage
{
    [TestCase(typeof(CrashTests<>))]
    [TestCase(typeof(FenceTests<>))]
    public void Exam_OfTheCrashes_IsTakenOnAllThree(Type fixture)
    {
        UsesDatabase(fixture).Should().BeTrue();
        IsOnAllThree(fixture).Should().BeTrue();
    }
}
