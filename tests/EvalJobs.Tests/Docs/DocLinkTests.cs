using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Docs;

/// <summary>Every relative link in a Markdown file of the repository points to a file, and its anchor to a heading of that file.</summary>
public sealed partial class DocLinkTests
{
    private static readonly string[] Folders = ["docs", "scripts", "src", "tests", ".github"];

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Folders.Select(folder => Path.Combine(Repository.Root, folder)).Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal));

    [TestCaseSource(nameof(Pages))]
    public void Links_OfAPage_LeadToFilesAndHeadings(string page) =>
        BrokenLinks(page, Repository.Read(page)).Should().BeEmpty();

    [TestCase("[a](no-such-file.md)")]
    [TestCase("[a](docs/README.md#no-such-heading)")]
    [TestCase("[a](#no-such-heading)")]
    [TestCase("![a](no-such-picture.png)")]
    public void BrokenLinks_PlantedLink_IsFound(string text) => BrokenLinks("README.md", text).Should().ContainSingle();

    [TestCase("[a](docs/README.md)")]
    [TestCase("[a](docs/)")]
    [TestCase("[a](https://example.com/x.md#y)")]
    [TestCase("## The *first* `word`, and 2 more\n[a](#the-first-word-and-2-more)")]
    [TestCase("```\n[a](no-such-file.md)\n```")]
    public void BrokenLinks_ValidLink_IsNone(string text) => BrokenLinks("README.md", text).Should().BeEmpty();

    [Test]
    public void Pages_OfTheDocs_AreAllReachableFromTheIndex()
    {
        var index = LinkPattern().Matches(Repository.Read("docs/README.md")).Select(link => link.Groups["target"].Value.Split('#')[0]).ToHashSet(StringComparer.Ordinal);

        Pages().Where(page => page.StartsWith("docs/", StringComparison.Ordinal) && page.EndsWith(".md", StringComparison.Ordinal) && page != "docs/README.md")
            .Select(page => page["docs/".Length..])
            .Where(page => !index.Contains(page) && !index.Contains($"{page[..(page.LastIndexOf('/') + 1)]}"))
            .Should().BeEmpty("docs/README.md names every page, or the folder it is in");
    }

    [TestCaseSource(nameof(Pages))]
    public void Fixtures_NamedOnAPage_Exist(string page) =>
        FixtureName().Matches(Repository.Read(page)).Select(name => name.Groups["name"].Value).Distinct(StringComparer.Ordinal)
            .Where(name => !Fixtures.Value.Contains(name)).Should().BeEmpty();

    private static readonly Lazy<HashSet<string>> Fixtures = new(() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => FixtureClass().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .ToHashSet(StringComparer.Ordinal));

    private static List<string> BrokenLinks(string page, string text)
    {
        var broken = new List<string>();
        foreach (var target in LinkPattern().Matches(WithoutCode(text)).Select(link => link.Groups["target"].Value).Where(target => !target.Contains(':', StringComparison.Ordinal)))
        {
            var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
            var file = path.Length == 0 ? null : Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, path));
            if (file is not null && !File.Exists(file) && !Directory.Exists(file))
                broken.Add($"{page}: {target}: no such file");
            else if (anchor is not null && !Anchors(file is null ? text : File.ReadAllText(file)).Contains(anchor))
                broken.Add($"{page}: {target}: no such heading");
        }

        return broken;
    }

    /// <summary>The anchors that GitHub creates for headings: in lower case, without punctuation, with a hyphen for each space.</summary>
    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (var heading in HeadingPattern().Matches(WithoutFences(text)).Select(each => each.Groups["title"].Value.Trim()))
        {
            var anchor = Punctuation().Replace(LinkPattern().Replace(heading, link => link.Groups["text"].Value), "").ToLowerInvariant().Replace(' ', '-');
            for (var count = 1; !anchors.Add(count == 1 ? anchor : $"{anchor}-{count - 1}"); count++)
            {
            }
        }

        return anchors;
    }

    private static string WithoutFences(string text) => FencePattern().Replace(text.ReplaceLineEndings("\n"), "");

    private static string WithoutCode(string text) => InlineCode().Replace(WithoutFences(text), "`code`");

    [GeneratedRegex(@"^ {0,3}(?<fence>`{3,}|~{3,})[^\n]*\n.*?^ {0,3}\k<fence>[ \t]*$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FencePattern();

    [GeneratedRegex(@"(?<ticks>`+)[^`\n]+\k<ticks>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\[(?<text>[^\]\n]*)\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^#{1,6} (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex HeadingPattern();

    [GeneratedRegex(@"`(?<name>[A-Z]\w*Tests)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FixtureName();

    [GeneratedRegex(@"\bclass (?<name>\w+Tests)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FixtureClass();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Punctuation();
}
