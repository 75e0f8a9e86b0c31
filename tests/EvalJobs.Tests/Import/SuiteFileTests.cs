using EvalJobs.Import;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Import;

public sealed class SuiteFileTests
{
    private const string Json = """
        {
          "name": "Arithmetic",
          "passThreshold": 0.9,
          "cases": [
            { "input": "1+1", "expected": 2 },
            { "input": "hi", "scoring": "contains" }
          ],
          "tags": ["maths", "smoke"],
          "description": "Sums",
          "scoring": { "type": "numeric" }
        }
        """;

    private const string Yaml = """
        name: Arithmetic
        description: Sums
        passThreshold: 0.9
        tags: [maths, smoke]
        scoring: numeric
        cases:
          - input: 1+1
            expected: 2
          - input: hi
            scoring: { type: contains }
        """;

    [TestCase("suite.json", Json)]
    [TestCase("suite.yaml", Yaml)]
    public async Task OpenAsync_SuiteForm_ReturnsSettingsAndCases(string name, string text)
    {
        using var folder = new TempFolder();

        var suite = await SuiteFile.OpenAsync(folder.Write(name, text), new TestCaseReadOptions { DefaultScoring = ScoringSpec.Parse("similarity") });
        var cases = await CasesAsync(suite);

        suite.Settings.Name.Should().Be("Arithmetic");
        suite.Settings.Description.Should().Be("Sums");
        suite.Settings.PassThreshold.Should().Be(0.9);
        suite.Settings.Tags.Should().Equal("maths", "smoke");
        suite.Settings.Scoring!.Type.Should().Be("numeric");
        cases.Select(c => (c.Input, c.ExpectedOutput, c.Scoring)).Should().Equal(
            [("1+1", "2", """{"type":"numeric"}"""), ("hi", null, """{"type":"contains"}""")],
            "a case's scoring takes precedence over the file's, the file's over the caller's");
    }

    [TestCase("cases.jsonl", "{\"input\":\"a\"}")]
    [TestCase("cases.csv", "input\na")]
    [TestCase("cases.json", "[{\"input\":\"a\"}]")]
    [TestCase("cases.yaml", "- input: a")]
    public async Task OpenAsync_BareCases_HaveNoSettings(string name, string text)
    {
        using var folder = new TempFolder();

        var suite = await SuiteFile.OpenAsync(folder.Write(name, text));

        suite.Settings.Should().Be(new SuiteSettings());
        (await CasesAsync(suite)).Should().ContainSingle();
    }

    [Test]
    public async Task OpenAsync_Root_MeansADataSetAndOtherFieldsAreIgnored()
    {
        using var folder = new TempFolder();

        var suite = await SuiteFile.OpenAsync(folder.Write("set.json", """{"license":"MIT","rows":[{"input":"a"}]}"""), new TestCaseReadOptions { Root = "rows" });

        suite.Settings.Should().Be(new SuiteSettings());
        (await CasesAsync(suite)).Should().ContainSingle();
    }

    [TestCase("{\n\"passTreshold\": 1,\n\"cases\": []}", "line 2, field 'passTreshold': unknown suite setting; expected name, description, passThreshold, tags, scoring and cases.")]
    [TestCase("{\n\"passThreshold\": 80,\n\"cases\": []}", "line 2, field 'passThreshold': must be a number from 0 to 1, not 80.")]
    [TestCase("{\n\"passThreshold\": \"0.8\",\n\"cases\": []}", "line 2, field 'passThreshold': must be a number from 0 to 1, not \"0.8\".")]
    [TestCase("{\n\"name\": \" \",\n\"cases\": []}", "line 2, field 'name': must not be empty.")]
    [TestCase("{\n\"name\": 7,\n\"cases\": []}", "line 2, field 'name': must be a text, not a number.")]
    [TestCase("{\n\"tags\": \"a\",\n\"cases\": []}", "line 2, field 'tags': must be an array of texts, not a string.")]
    [TestCase("{\n\"tags\": [\"a\", 1],\n\"cases\": []}", "line 2, field 'tags[1]': must be a text, not a number.")]
    [TestCase("{\n\"scoring\": {},\n\"cases\": []}", "line 2, field 'scoring': A scoring object needs a 'type'*")]
    [TestCase("{\n\"scoring\": 1,\n\"cases\": []}", "line 2, field 'scoring': must be a scoring object or a scorer's name, not a number.")]
    [TestCase("{\"name\": \"a\",\n\"name\": \"b\",\n\"cases\": []}", "line 2, field 'name': the key occurs twice.")]
    [TestCase("\n{\"name\": \"a\"}", "line 2, field 'cases': a suite file needs an array of test cases*")]
    public async Task OpenAsync_InvalidSetting_IsRejectedWithLineAndField(string text, string message)
    {
        using var folder = new TempFolder();

        foreach (var name in new[] { "s.json", "s.yaml" })
        {
            var open = () => SuiteFile.OpenAsync(folder.Write(name, text));

            await open.Should().ThrowAsync<InvalidInputException>().WithMessage($"{name}, {message}", "YAML contains JSON");
        }
    }

    [TestCase("s.json", " ", "s.json: the file is empty.")]
    [TestCase("s.yaml", "#", "s.yaml: the file is empty.")]
    [TestCase("s.json", "{\"name\":\"a\",\n\"cases\":[", "s.json, line 2: not valid JSON: *")]
    [TestCase("s.json", "{\"cases\":[],\n\"cases\":[]}", "s.json, line 2, field 'cases': the key occurs twice.")]
    public async Task OpenAsync_InvalidFile_IsRejected(string name, string text, string message)
    {
        using var folder = new TempFolder();

        var open = () => SuiteFile.OpenAsync(folder.Write(name, text));

        await open.Should().ThrowAsync<InvalidInputException>().WithMessage(message);
    }

    private static async Task<List<TestCase>> CasesAsync(SuiteFile suite)
    {
        var cases = new List<TestCase>();
        await foreach (var testCase in suite.ReadCasesAsync())
            cases.Add(testCase);
        return cases;
    }
}
