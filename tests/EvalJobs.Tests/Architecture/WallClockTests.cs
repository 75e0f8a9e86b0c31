using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Architecture;

/// <summary>The database's clock decides. Each use of the machine's clock is listed here with the reason why it is harmless.</summary>
public sealed partial class WallClockTests
{
    private static readonly Dictionary<string, string> Harmless = new(StringComparer.Ordinal)
    {
        ["src/EvalJobs/Data/Migrations/SchemaMigrator.cs"] = "how long a start waits for another one's migration",
        ["src/EvalJobs/Execution/Agents/AgentRegistration.cs"] = "how long to wait for a Retry-After with a date",
        ["src/EvalJobs/Execution/Agents/HttpAgent.cs"] = "how long to wait for a Retry-After with a date",
        ["src/EvalJobs/Jobs/Alerts/WebhookAlertChannel.cs"] = "the moment a webhook is signed, which its receiver checks",
        ["src/EvalJobs.Server/Access/FailureCounter.cs"] = "how long failed sign-ins are remembered",
        ["src/EvalJobs.Server/Cli/AlertCommands.cs"] = "the moment shown in a test alert",
        ["src/EvalJobs.Server/Cli/UnexpectedError.cs"] = "the name of the file with the details of an unexpected error",
        ["src/EvalJobs.Server/Cli/WorkCommands.cs"] = "which waiting runs are shown to people; the database decides when they are due",
        ["src/EvalJobs.Server/Dashboard/RunProgressCache.cs"] = "how many cases per minute a run does, shown to people",
    };

    [Test]
    public void Source_Always_ReadsTheWallClockOnlyWhereItIsHarmless()
    {
        var askers = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => WallClock().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, file))));

        askers.Should().BeEquivalentTo(Harmless.Keys, "the database decides leases, due times and ages");
    }

    [TestCase("var now = DateTime.UtcNow;")]
    [TestCase("DateTimeOffset.Now + wait")]
    [TestCase("clock.GetUtcNow()")]
    [TestCase("clock.GetLocalNow()")]
    [TestCase("DateTime.Today")]
    public void WallClock_AnyWayToReadTheTime_IsFound(string source) => WallClock().IsMatch(source).Should().BeTrue();

    [TestCase("clock.GetTimestamp()")]
    [TestCase("Stopwatch.GetElapsedTime(started)")]
    public void WallClock_MonotonicTime_IsNone(string source) => WallClock().IsMatch(source).Should().BeFalse();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bGet(Utc|Local)Now\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WallClock();
}
