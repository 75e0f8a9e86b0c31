using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Crash;

public sealed class DatabaseCoverageTests : DatabaseCoverage
{
    [TestCase(typeof(CrashTests<>))]
    [TestCase(typeof(FenceTests<>))]
    public void DatabaseFixtures_OfTheCrashTests_RunOnAllThree(Type fixture)
    {
        UsesDatabase(fixture).Should().BeTrue();
        IsOnAllThree(fixture).Should().BeTrue();
    }
}
