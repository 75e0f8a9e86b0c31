using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using EvalJobs.Application;
using EvalJobs.Server.Access;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Docs;

/// <summary>Compares docs/operate/log-events.md with the log messages of the program.</summary>
public sealed partial class LogEventDocTests
{
    private static readonly Assembly[] Product = [typeof(EvalJobsClient).Assembly, typeof(AccessOptions).Assembly];

    [Test]
    public void Page_Lists_EveryEventAsTheProgramLogsIt() =>
        Rows().Select(row => (row.Id, row.Level, row.Text)).Should().BeEquivalentTo(
            Product.SelectMany(Events).Select(each => (each.EventId, LevelOf(each), each.Message)), "operators filter by id and look it up there");

    [Test]
    public void EveryEvent_OnThePage_HasAMeaning() => Rows().Should().OnlyContain(row => row.Meaning.Length >= 10);

    [Test]
    public void Events_OnThePage_AreInTheirSections() => Rows().Select(row => row.Id).Should().BeInAscendingOrder("an id is looked up in the section of its hundred");

    [Test]
    public void EventIds_AreUnique() =>
        Product.SelectMany(Events).GroupBy(each => each.EventId).Where(ids => ids.Count() > 1).Select(ids => ids.Key)
            .Should().BeEmpty("two events with one id cannot be distinguished");

    [Test]
    public void EventIds_OfTheLibrary_StayBelowThoseOfTheServer()
    {
        Events(Product[0]).Should().NotBeEmpty().And.OnlyContain(each => each.EventId > 0 && each.EventId < 6000);
        Events(Product[1]).Should().NotBeEmpty().And.OnlyContain(each => each.EventId >= 6000);
    }

    private static IEnumerable<LoggerMessageAttribute> Events(Assembly assembly) =>
        assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>();

    // A method with a parameter for the level has no level in its attribute.
    private static string LevelOf(LoggerMessageAttribute each) => each.Level is LogLevel.None or (LogLevel)(-1) ? "of the alert" : each.Level.ToString();

    private static List<(int Id, string Level, string Text, string Meaning)> Rows() =>
        [.. Row().Matches(Repository.Read("docs/operate/log-events.md")).Select(match => (
            int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture), match.Groups["level"].Value, match.Groups["text"].Value, match.Groups["meaning"].Value))];

    [GeneratedRegex(@"^\| (?<id>\d+) \| (?<level>[^|]+) \| (?<text>[^|]+) \| (?<meaning>[^|]*) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Row();
}
