using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Architecture;

/// <summary>The database's clock decides; a program that looks at the machine's must say here why that is harmless.</summary>
public sealed partial class WallClockTests
{
    private static readonly Dictionary<string, string> Harmless = new(StringComparer.Ordinal)
    {
        ["src/EvalJobs/Data/Migrations/SchemaMigrator.cs"] = "how long a start waits for another one's migration",
        ["src/EvalJobs/Execution/Agents/AgentRegistration.cs"] = "how long a Retry-After that is a date asks to wait",
        ["src/EvalJobs/Execution/Agents/HttpAgent.cs"] = "how long a Retry-After that is a date asks to wait",
        ["src/EvalJobs/Jobs/Alerts/WebhookAlertChannel.cs"] = "the moment a webhook is signed, which its receiver judges",
        ["src/EvalJobs.Server/Access/FailureCounter.cs"] = "how long failed sign-ins are remembered",
        ["src/EvalJobs.Server/Cli/AlertCommands.cs"] = "the moment shown in a test alert",
        ["src/EvalJobs.Server/Cli/UnexpectedError.cs"] = "the name of the file that tells of an unexpected error",
        ["src/EvalJobs.Server/Cli/WorkCommands.cs"] = "which waiting runs are named to people; the database decides when they are due",
        ["src/EvalJobs.Server/Dashboard/RunProgressCache.cs"] = "how many cases a minute a run does, shown to people",
    };

    [Test]
    public void Source_Always_AsksNoWallClockButWhereItIsHarmless()
    {
        var askers = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => WallClock().IsMatch(File.ReadAllText(Path.Combine(Repository.Root, file))));

        askers.Should().BeEquivalentTo(Harmless.Keys, "leases, due times and ages are the database's to decide");
    }

    [TestCase("var now = DateTime.UtcNow;")]
    [TestCase("DateTimeOffset.Now + wait")]
    [TestCase("clock.GetUtcNow()")]
    [TestCase("clock.GetLocalNow()")]
    [TestCase("DateTime.Today")]
    public void WallClock_AnyWayToAskForTheTime_IsFound(string source) => WallClock().IsMatch(source).Should().BeTrue();

    [TestCase("clock.GetTimestamp()")]
    [TestCase("Stopwatch.GetElapsedTime(started)")]
    public void WallClock_MonotonicTime_IsNone(string source) => WallClock().IsMatch(source).Should().BeFalse();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bGet(Utc|Local)Now\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WallClock();
}
