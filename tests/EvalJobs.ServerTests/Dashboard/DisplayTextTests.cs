using EvalJobs.Server.Dashboard;

namespace EvalJobs.Tests.Server.Dashboard;

public sealed class DisplayTextTests
{
    [TestCase(0.4, "0 ms")]
    [TestCase(205, "205 ms")]
    [TestCase(999.4, "999 ms")]
    [TestCase(999.6, "1 s")]
    [TestCase(59_940, "59.9 s")]
    [TestCase(59_970, "1 min 0 s")]
    [TestCase(119_970, "1 min 59 s")]
    [TestCase(3_600_000, "1 h 0 min")]
    [TestCase(90_000_000, "1 d 1 h")]
    public void Duration_AtTheEdgeOfAUnit_IsNeverSixtySecondsOrAThousandMilliseconds(double milliseconds, string shown) =>
        DisplayText.Duration(TimeSpan.FromMilliseconds(milliseconds)).Should().Be(shown);
}
