using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Import;
using static EvalJobs.Tests.Import.ConversionHelper;

namespace EvalJobs.Tests.Import;

/// <summary>Datasets of other tools: recognised by their content, converted case by case.</summary>
public sealed class DatasetConversionTests
{
    private const string Any = """{"list":"any","type":"exact_match"}""";

    private static IEnumerable<TestCaseData> Records()
    {
        yield return new TestCaseData("""{"input":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"}],"ideal":"4"}""", "openai-evals", "Be brief.\n\n2+2?", "4", null);
        yield return new TestCaseData("""{"input":"2+2?","ideal":["4","four"]}""", "openai-evals", "2+2?", """["4","four"]""", Any);
        yield return new TestCaseData("""{"input":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"2+2?"}],"ideal":"4"}""", "openai-evals", "User: Hi\n\nAssistant: Hello\n\nUser: 2+2?", "4", null);
        yield return new TestCaseData("""{"id":7,"input":"2+2?","target":"4","metadata":{"a":1}}""", "inspect", "2+2?", "4", null);
        yield return new TestCaseData("""{"input":"2+2?","target":["4","four"]}""", "inspect", "2+2?", """["4","four"]""", Any);
        yield return new TestCaseData("""{"input":"2+2?","target":"B","choices":["3","4"]}""", "inspect", "2+2?\n\nA) 3\nB) 4\n\nAnswer with the letter alone.", "B", null);
        yield return new TestCaseData("""{"input":"2+2?","expected_output":"4","retrieval_context":["sums"],"expected_tools":null}""", "deepeval", "2+2?", "4", null);
        yield return new TestCaseData("""{"id":"a","datasetName":"d","input":{"question":"2+2?"},"expectedOutput":{"answer":"4"},"status":"ACTIVE"}""", "langfuse", "2+2?", "4", null);
        yield return new TestCaseData("""{"id":"a","datasetId":"d","input":{"question":"2+2?","hint":1},"expectedOutput":4}""", "langfuse", """{"hint":1,"question":"2+2?"}""", "4", null);
        yield return new TestCaseData("""{"id":"a","inputs":{"question":"2+2?"},"outputs":{"answer":"4"}}""", "langsmith", "2+2?", "4", null);
        yield return new TestCaseData("""{"id":"a","inputs":{"messages":[{"role":"user","content":[{"type":"text","text":"2+2?"}]}]},"outputs":{"answer":"[4]"}}""", "langsmith", "2+2?", "[4]", """{"list":"whole","type":"exact_match"}""");
        yield return new TestCaseData("""{"id":"a","_xact_id":"1","input":"2+2?","expected":"4","tags":["sum"]}""", "braintrust", "2+2?", "4", null);
    }

    [TestCaseSource(nameof(Records))]
    public async Task Record_OfEachTool_IsRecognisedAndMoved(string record, string format, string input, string expected, string? scoring)
    {
        foreach (var (name, text) in ((string, string)[])[("data.jsonl", record), ("data.json", $"[{record}]"), ("data.yaml", $"- {record}")])
        {
            var (cases, report) = await MoveAsync(name, text);

            cases.Should().ContainSingle().Which.Should().Match<TestCase>(
                each => each.Input == input && each.ExpectedOutput == expected && each.Scoring == (scoring ?? ScoringSpec.Default.Json), "of {0}", name);
            SuiteFormats.NameOf(report.Format).Should().Be(format);
            report.Notes.Should().Contain(note => note.Contains("exact_match is used"));
        }
    }

    [TestCase("""{"input":"2+2?","expected":"4"}""")]
    [TestCase("""{"question":"2+2?","answer":"4","target":"other"}""")]
    [TestCase("""{"input":"2+2?","expected":"4","target":"other"}""")]
    [TestCase("""{"input":"2+2?","ideal":"4","scoring":"contains","expected":"4"}""")]
    public async Task Record_OfEvalJobs_IsNotRecognisedAsAnotherTools(string record)
    {
        var (cases, report) = await MoveAsync("data.jsonl", record);

        cases.Single().ExpectedOutput.Should().Be("4");
        report.Format.Should().Be(SuiteFormat.EvalJobs);
    }

    [Test]
    public async Task Record_ThatMatchesTwoFormats_IsRejectedWithBothNames()
    {
        const string record = """{"input":"2+2?","ideal":"4","target":"4"}""";

        (await RejectionAsync("data.jsonl", record)).Should().Be("data.jsonl: the first record could be one of openai-evals and inspect; choose the format, or evaljobs for neither.");
        (await MoveAsync("data.jsonl", record, new ConversionOptions { Format = SuiteFormat.Inspect })).Report.Format.Should().Be(SuiteFormat.Inspect);
    }

    [TestCase("""{"input":"x","target":"y","sandbox":"docker"}""", "there is no sandbox")]
    [TestCase("""{"input":"x","target":["A","B"],"choices":["1","2"]}""", "several choices are right")]
    [TestCase("""{"input":"x","target":"A","choices":"1, 2"}""", "choices are not a list")]
    [TestCase("""{"input":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}],"target":"y"}""", "not a text, such as an image")]
    [TestCase("""{"input":[{"role":"assistant","content":null,"tool_calls":[{}]}],"target":"y"}""", "tool calls")]
    [TestCase("""{"scenario":"a user calls","turns":[]}""", "it is a conversation")]
    [TestCase("""{"input":"x","expected_output":"y","expected_tools":[{"name":"search"}]}""", "it expects tool calls")]
    [TestCase("""{"input":"x","target":null}""", "'exact_match' needs an expected output")]
    [TestCase("""{"item":{"q":"x"}}""", "that eval's file is not given")]
    public async Task Record_ThatCannotBeMoved_IsListedWithItsLine(string record, string reason)
    {
        // The first record shows which tool wrote the file.
        var format = record.Contains("\"item\"", StringComparison.Ordinal) ? SuiteFormat.OpenAiEvals : record.Contains("expected_output", StringComparison.Ordinal) || record.Contains("turns", StringComparison.Ordinal) ? SuiteFormat.DeepEval : SuiteFormat.Inspect;
        var good = format == SuiteFormat.DeepEval ? """{"input":"fine","expected_output":"fine"}""" : format == SuiteFormat.Inspect ? """{"input":"fine","target":"fine"}""" : """{"input":"fine","ideal":"fine"}""";
        var file = $"{good}\n\n{record}\n";

        var error = await RejectionAsync("data.jsonl", file, new ConversionOptions { Format = format });
        var (cases, report) = await MoveAsync("data.jsonl", file, new ConversionOptions { Format = format, SkipUnsupported = true });

        error.Should().Contain("1 of the cases cannot be converted").And.Contain("line 3").And.Contain(reason);
        cases.Should().ContainSingle().Which.Input.Should().Be("fine");
        report.LeftOut.Should().ContainSingle().Which.Line.Should().Be(3);
    }

    [Test]
    public async Task Items_Archived_AreLeftOutWithANote()
    {
        var (cases, report) = await MoveAsync("data.jsonl", """
            {"id":"a","datasetName":"d","input":"x","expectedOutput":"y","status":"ACTIVE"}
            {"id":"b","datasetName":"d","input":"x","expectedOutput":"y","status":"ARCHIVED"}
            """);

        cases.Should().ContainSingle().Which.CaseKey.Should().Be("a");
        report.Notes.Should().Contain(note => note.Contains("ARCHIVED"));
    }

    [Test]
    public async Task Ideals_WithContainsAsScoring_NeedOneOfThem()
    {
        var (cases, _) = await MoveAsync("data.jsonl", """{"input":"2+2?","ideal":["4","four"]}""", scoring: ScoringSpec.Parse("contains"));

        (await PassesAsync(cases.Single(), "It is Four.")).Should().BeTrue();
        (await PassesAsync(cases.Single(), "It is five.")).Should().BeFalse();
    }

    [TestCase("""{"type":"string_check","input":"{{ sample.output_text }}","reference":"{{ item.label }}","operation":"eq"}""", "cat", "Cat")]
    [TestCase("""{"type":"string_check","input":"{{sample.output_text}}","reference":"{{item.label}}","operation":"ne"}""", "dog", "cat")]
    [TestCase("""{"type":"string_check","input":"{{sample.output_text}}","reference":"{{item.label}}","operation":"like"}""", "a cat", "a Cat")]
    [TestCase("""{"type":"string_check","input":"{{sample.output_text}}","reference":"{{item.label}}","operation":"ilike"}""", "a CAT", "a dog")]
    [TestCase("""{"type":"text_similarity","input":"{{sample.output_text}}","reference":"{{item.label}}","evaluation_metric":"fuzzy_match","pass_threshold":0.6}""", "cats", "elephant")]
    [TestCase("""{"type":"string_check","input":"{{sample.output_text}}","reference":"a","operation":"like"},{"type":"string_check","input":"{{sample.output_text}}","reference":"Z","operation":"ne"}""", "cat", "Z")]
    public async Task Criteria_OfAnEval_GiveTheSameVerdicts(string criteria, string right, string wrong)
    {
        var eval = JsonElement.Parse($$$"""{"testing_criteria":[{{{criteria}}}],"data_source":{"input_messages":{"template":[{"role":"user","content":"Name it: {{item.picture}}"}] } } }""");

        var (cases, _) = await MoveAsync("data.jsonl", """{"item":{"picture":"whiskers","label":"cat"}}""", new ConversionOptions { Criteria = eval });

        cases.Single().Input.Should().Be("Name it: whiskers");
        (await PassesAsync(cases.Single(), right)).Should().BeTrue();
        (await PassesAsync(cases.Single(), wrong)).Should().BeFalse();
    }

    [Test]
    public async Task Criteria_OfAModel_BecomeARubric()
    {
        var eval = JsonElement.Parse("""
            {"testing_criteria":[{"type":"score_model","model":"gpt-4.1","range":[1,5],"pass_threshold":4,
             "input":[{"role":"system","content":"Rate politeness from 1 to 5."},{"role":"user","content":"{{sample.output_text}} for {{item.input}}"}]}]}
            """);
        var options = new ConversionOptions { Criteria = eval, Judge = JsonElement.Parse("""{"apiKeyRef":"openai"}""") };

        var (cases, _) = await MoveAsync("data.jsonl", """{"item":{"input":"Greet Ada."}}""", options);

        var scoring = JsonElement.Parse(cases.Single().Scoring);
        scoring.GetProperty("type").GetString().Should().Be("llm_judge");
        scoring.GetProperty("model").GetString().Should().Be("gpt-4.1");
        scoring.GetProperty("threshold").GetDouble().Should().Be(0.75);
        scoring.GetProperty("rubric").GetString().Should().Contain("Rate politeness").And.Contain("(the reply) for Greet Ada.");
    }

    [TestCase("""{"type":"text_similarity","input":"{{sample.output_text}}","reference":"x","evaluation_metric":"bleu"}""", "'bleu' cannot be converted")]
    [TestCase("""{"type":"python","source":"x"}""", "the criterion 'python' cannot be converted")]
    [TestCase("""{"type":"string_check","input":"{{sample.output_json.a}}","reference":"x","operation":"eq"}""", "not the reply alone")]
    [TestCase("""{"type":"score_model","model":"m","input":[]}""", "no settings of that judge are given")]
    public async Task Criteria_ThatCannotBeMoved_AreNamed(string criterion, string reason) =>
        (await RejectionAsync("data.jsonl", """{"item":{"input":"x"}}""", new ConversionOptions { Criteria = JsonElement.Parse($$"""{"testing_criteria":[{{criterion}}]}""") }))
            .Should().Contain(reason);

    [Test]
    public async Task Table_AsAnotherToolsForm_IsRejected()
    {
        var read = () => SuiteFile.FromStreamAsync(
            "data.csv", () => new MemoryStream("input,target\nx,y\n"u8.ToArray()), new TestCaseReadOptions { Conversion = new ConversionOptions { Format = SuiteFormat.Inspect } });

        var cases = (await read()).ReadCasesAsync();

        await FluentActions.Awaiting(async () => await cases.ToListAsync()).Should().ThrowAsync<InvalidInputException>().WithMessage("*the format inspect is read from .jsonl, .json and .yaml files*");
    }
}
