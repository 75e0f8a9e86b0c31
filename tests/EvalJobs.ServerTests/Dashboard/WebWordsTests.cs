using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Server.Cli;
using EvalJobs.Server.Dashboard;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>No text that can reach a browser names options or commands: the library's messages are neutral, and each user interface adds its own hint.</summary>
public sealed partial class WebWordsTests
{
    /// <summary>Files whose texts never reach a browser, with the reason.</summary>
    private static readonly Dictionary<string, string> NotForBrowsers = new(StringComparer.Ordinal)
    {
        ["src/EvalJobs/Data/Migrations/MigrationScript.cs"] = "the header of a script for a query window",
        ["src/EvalJobs/DependencyInjection/SettingsReader.cs"] = "an invalid setting stops the start, before there is a browser",
        ["src/EvalJobs.Server/Access/BindAddresses.cs"] = "an address in use stops the start",
        ["src/EvalJobs.Server/Access/UserSettings.cs"] = "an invalid setting stops the start",
        ["src/EvalJobs.Server/Web/ApiProblem.cs"] = "the API's own hint for programs",
    };

    private static readonly string[] Folders = ["src/EvalJobs", "src/EvalJobs.Server/Dashboard", "src/EvalJobs.Server/Access", "src/EvalJobs.Server/Web"];

    private static IEnumerable<string> Files() =>
        from folder in Folders
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
        where Path.GetExtension(file) is ".cs" or ".razor" or ".js"
        let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        select path;

    [Test]
    public void Texts_ThatCanReachABrowser_NameNoOptionAndNoCommand()
    {
        var files = Files().Except(NotForBrowsers.Keys, StringComparer.Ordinal).ToList();
        var found = files.SelectMany(file => TextsOf(file, Repository.Read(file)).SelectMany(text => WebWords.Find(text)).Select(words => $"{file}: {words}"));

        files.Should().HaveCountGreaterThan(300);
        found.Should().BeEmpty();
    }

    [Test]
    public void Exceptions_FromThisRule_AreStillNeeded()
    {
        foreach (var file in NotForBrowsers.Keys)
            TextsOf(file, Repository.Read(file)).SelectMany(text => WebWords.Find(text)).Should().NotBeEmpty(file);
    }

    [TestCase("say which with --format")]
    [TestCase("There is no tenant; 'tenant list' shows them.")]
    [TestCase("declared void (run void), with that reason")]
    [TestCase("With all its evidence: <code>evaljobs version certificate</code>")]
    [TestCase("asked again: run retry 5")]
    public void Find_WordsOfTheCommandLine_FindsThem(string text) => WebWords.Find(text).Should().NotBeEmpty();

    [TestCase("Create run")]
    [TestCase("It can be declared void, with that reason – see the suite list.")]
    [TestCase("<!-- x --> a -- b, x--y, i--")]
    public void Find_OrdinaryWords_FindsNothing(string text) => WebWords.Find(text).Should().BeEmpty();

    [Test]
    public void Remedies_AllKinds_HaveWordsOnTheCommandLine()
    {
        foreach (var kind in Enum.GetValues<RemedyKind>())
        {
            RemedyText.Of(new Remedy(kind, "input", "5")).Should().EndWith(".");
            FluentActions.Invoking(() => (RemedyLink.Of(new Remedy(kind, "input", "5")), RemedyLink.WithinUpload(new Remedy(kind, "input", "5")))).Should().NotThrow();
        }
    }

    [Test]
    public void MessageOf_ErrorWithARemedy_AddsTheOptionThatSolvesIt() =>
        RemedyText.MessageOf(new InvalidInputException("Which column?") { Remedies = [new Remedy(RemedyKind.MapField, "expected", "antwort")] }).Should().Be("Which column? --expected antwort reads it as it is.");

    /// <summary>The texts of a source file: the strings of C# and scripts, and everything except comments of a page. Log events are left out, because they go to operators.</summary>
    private static IEnumerable<string> TextsOf(string file, string source) => file.EndsWith(".razor", StringComparison.Ordinal)
        ? [RazorComment().Replace(source, " ")]
        : CommentOrString().Matches(LogEvent().Replace(source, "[LoggerMessage]")).Where(match => match.Groups["text"].Success).Select(match => match.Value);

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*\)\]", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LogEvent();

    [GeneratedRegex("""
        (?<text>"{3,}.*?"{3,}|@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')|//[^\n]*|/\*.*?\*/
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RazorComment();
}
