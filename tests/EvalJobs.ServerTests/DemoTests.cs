using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

public sealed class DemoTests
{
    [Test]
    public async Task Demo_FromStartToExit_ShowsAGateATenantInWarningAndAComparison()
    {
        using var cli = new Cli();

        var answer = await cli.RunProcessAsync("demo", "--exit", "--port", "0");

        answer.ExitCode.Should().Be(0, answer.Error);
        answer.Output.Should().Contain("Acme Corp, calculator 1.1.0: promoted to CANDIDATE, evalStatus PASS.");
        answer.Output.Should().Contain("Acme Corp, calculator 1.0.0: not promoted. TESTING → CANDIDATE needs evalStatus PASS; this version has FAIL.");
        answer.Output.Should().MatchRegex("/hangfire/evaluations/versions/2\\s");
        var after = answer.Output[answer.Output.IndexOf("No other tenant waited for it:", StringComparison.Ordinal)..].Split('\n');
        after.Should().Contain(line => line.Contains("Globex", StringComparison.Ordinal) && line.Contains("WARNING", StringComparison.Ordinal));
        after.Should().Contain(line => line.Contains("Acme Corp", StringComparison.Ordinal) && line.Contains("HEALTHY", StringComparison.Ordinal));
    }
}
