using System.Text;
using System.Text.RegularExpressions;
using EvalJobs.Import;
using EvalJobs.Domain;
using static EvalJobs.Tests.Import.ImportHelper;

namespace EvalJobs.Tests.Import;

/// <summary>Keeps the examples of docs/guide/importing.md correct.</summary>
public sealed class ImportingDocTests
{
    [TestCase("jsonl", ImportFormat.Jsonl)]
    [TestCase("csv", ImportFormat.Csv)]
    [TestCase("json", ImportFormat.Json)]
    [TestCase("yaml", ImportFormat.Yaml)]
    public async Task Example_OfEachFormat_HasTheSameTwoCases(string language, ImportFormat format) =>
        (await ReadAsync(format, Example(language))).Should().Equal(
            new TestCase
            {
                Ordinal = 1,
                CaseKey = "sum",
                Input = "What is 2+2?",
                ExpectedOutput = "4",
                Weight = 2,
                Scoring = """{"type":"numeric"}""",
            },
            new TestCase
            {
                Ordinal = 2,
                CaseKey = "greeting",
                Input = "Say hello, \"world\".",
                ExpectedOutput = "hello",
                Scoring = """{"type":"contains"}""",
            });

    [Test]
    public async Task Example_OfASuiteFile_HasSettingsAndCases()
    {
        using var folder = new TempFolder();

        var suite = await SuiteFile.OpenAsync(folder.Write("suite.yaml", Example("suite.yaml")));
        var cases = new List<TestCase>();
        await foreach (var testCase in suite.ReadCasesAsync())
            cases.Add(testCase);

        suite.Settings.Should().Match<SuiteSettings>(s => s.Name == "Arithmetic" && s.PassThreshold == 0.9 && s.Tags!.Count == 2);
        cases.Select(c => (c.CaseKey, c.ExpectedOutput, c.Scoring)).Should().Equal(
            ("sum", "4", """{"type":"numeric"}"""), ("greeting", "hello", """{"type":"contains"}"""));
    }

    [Test]
    public async Task Example_OfAGenome_IsValid()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Example("genome.yaml")));

        (await GenomeFileReader.ReadAsync(stream, ImportFormat.Yaml)).TargetType.Should().Be("http");
    }

    private static string Example(string language)
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EvalJobs.sln")))
            folder = folder.Parent;

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "guide", "importing.md"));
        var example = Regex.Match(page, $"^```{Regex.Escape(language)}\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        return example.Success ? example.Groups["text"].Value : throw new InvalidOperationException($"No example '{language}' in docs/guide/importing.md.");
    }
}
