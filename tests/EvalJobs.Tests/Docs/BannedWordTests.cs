using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Docs;

/// <summary>The words that docs/develop/glossary.md bans are in no identifier and no text of the sources, in no query or script, and in no document.</summary>
public sealed partial class BannedWordTests
{
    private static readonly string[] Extensions = [".cs", ".razor", ".js", ".sql"];

    /// <summary>Ordinary words in a sentence that are unclear as a name in code.</summary>
    private static readonly string[] OrdinaryInDocuments = ["demand", "lose", "loses", "told", "hear", "heard"];

    private static IEnumerable<string> Banned() =>
        DocPage.Read("develop/glossary.md").Rows("## Banned words").SelectMany(row => row[0].Split(", "));

    [TestCaseSource(nameof(Banned))]
    public void Word_InTheSources_IsNotFound(string word) => FilesByWord.Value[word].Should().BeEmpty("the glossary bans '{0}'", word);

    [TestCaseSource(nameof(Banned))]
    public void Word_InTheDocuments_IsNotFound(string word)
    {
        if (!OrdinaryInDocuments.Contains(word))
            Documents.Value[word].Should().BeEmpty("the glossary bans '{0}'", word);
    }

    [Test]
    public void Documents_OfEveryFolder_AreSearched() => Documents.Value["the"].Should().Contain(["README.md", "docs/guide/start.md", ".github/CONTRIBUTING.md", "scripts/42-integrity-check.sql", "tests/README.md"]);

    [Test]
    public void Banned_InTheGlossary_AreSingleLowerCaseWordsGivenOnce()
    {
        Banned().Should().OnlyContain(word => Regex.IsMatch(word, "^[a-z]+$", RegexOptions.None, TimeSpan.FromSeconds(1))).And.OnlyHaveUniqueItems();
        Banned().Should().HaveCountGreaterThan(20);
    }

    [TestCase("a.cs", "void Demand() { }", "demand")]
    [TestCase("a.cs", "void DemandDefaults() { }", "demand")]
    [TestCase("a.cs", "var s = \"It makes a demand.\";", "demand")]
    [TestCase("a.cs", "const int MAX_DEMAND = 1;", "demand")]
    [TestCase("a.cs", "var url = \"http://x/demand\";", "demand")]
    [TestCase("a.razor", "<p>On demand</p>", "demand")]
    [TestCase("a.sql", "-- On demand\nSELECT 1;", "demand")]
    public void Words_OfASource_AreThoseOfItsIdentifiersAndTexts(string file, string source, string word) => Words(file, source).Should().Contain(word);

    [TestCase("a.cs", "// On demand\nvar a = 1;")]
    [TestCase("a.cs", "/* On demand */ var a = 1;")]
    [TestCase("a.cs", "/// <summary>On demand.</summary>\nvar demanding = 1;")]
    [TestCase("a.razor", "@* On demand *@ <p>x</p>")]
    public void Words_OfASource_AreNotThoseOfItsComments(string file, string source) => Words(file, source).Should().NotContain("demand");

    private static readonly Lazy<ILookup<string, string>> FilesByWord = new(() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/Migrations/", StringComparison.Ordinal))
            .SelectMany(file => Words(file, Repository.Read(file)).Select(word => (word, file)))
            .ToLookup(each => each.word, each => each.file, StringComparer.Ordinal));

    /// <summary>Every word of documents and scripts; the glossary names the banned ones, and script 01 consists of migrations, which never change.</summary>
    private static readonly Lazy<ILookup<string, string>> Documents = new(() =>
        new[] { "docs", ".github", "scripts", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Append(Path.Combine(Repository.Root, "README.md"))
            .Where(file => Path.GetExtension(file) is ".md" or ".yml" || (file.Contains("scripts", StringComparison.Ordinal) && Path.GetExtension(file) is ".sql" or ".sh"))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => file is not ("docs/develop/glossary.md" or "scripts/01-install-or-upgrade.sql") && !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/node_modules/", StringComparison.Ordinal))
            .SelectMany(file => Word().Matches(Code().Replace(Repository.Read(file), " ")).Select(match => match.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Select(word => (word, file)))
            .ToLookup(each => each.word, each => each.file, StringComparer.Ordinal));

    /// <summary>The words of identifiers (DemandDefaults is two) and texts, in lower case.</summary>
    private static IEnumerable<string> Words(string file, string source)
    {
        var text = file.EndsWith(".sql", StringComparison.Ordinal) ? source
            : file.EndsWith(".razor", StringComparison.Ordinal) ? RazorComment().Replace(source, " ")
            : CommentOrString().Replace(source, match => match.Groups["text"].Success ? match.Value : " ");
        return Word().Matches(text).Select(match => match.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal);
    }

    // Strings are matched too, so that text in a string that looks like a comment is not removed.
    [GeneratedRegex("""
        (?<text>"{3,}.*?"{3,}|@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')|//[^\n]*|/\*.*?\*/
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RazorComment();

    /// <summary>Names of tests and settings in a document.</summary>
    [GeneratedRegex("`[^`\n]*`", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Code();

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Word();
}
