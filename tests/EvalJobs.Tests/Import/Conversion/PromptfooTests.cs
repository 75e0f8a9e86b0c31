using System.Text.Json;
using EvalJobs.Import;
using static EvalJobs.Tests.Import.ConversionHelper;

namespace EvalJobs.Tests.Import;

/// <summary>promptfoo configurations: every assertion gives a right and a wrong reply the verdict that promptfoo documents.</summary>
public sealed class PromptfooTests
{
    [TestCase("{ type: equals, value: Paris }", " Paris\n", "paris")]
    [TestCase("{ type: equals, value: { a: 1, b: [2] } }", """{ "b": [2], "a": 1.0 }""", """{"a":1}""")]
    [TestCase("{ type: equals, value: [1, 2] }", "[1,2]", "1")]
    [TestCase("{ type: contains, value: Paris }", "It is Paris.", "It is paris.")]
    [TestCase("{ type: contains, value: 0 }", "10", "11")]
    [TestCase("{ type: icontains, value: Paris }", "It is PARIS.", "It is Rome.")]
    [TestCase("{ type: contains-any, value: [Paris, Rome] }", "Rome", "rome")]
    [TestCase("{ type: icontains-any, value: [Paris, Rome] }", "rome", "Bern")]
    [TestCase("{ type: contains-all, value: [Paris, Rome] }", "Rome, Paris", "Rome, paris")]
    [TestCase("{ type: icontains-all, value: [Paris, Rome] }", "rome, paris", "rome")]
    [TestCase("{ type: contains-any, value: 'Paris, Rome' }", "Rome", "Bern")]
    [TestCase("{ type: starts-with, value: Yes }", "Yes, I do", "Oh Yes")]
    [TestCase("{ type: regex, value: '\\d{4}' }", "in 1984", "in 84")]
    [TestCase("{ type: is-json }", """{"a":1}""", "```json\n{}\n```")]
    [TestCase("{ type: is-json, value: { type: object, required: [a] } }", """{"a":1}""", """{"b":1}""")]
    [TestCase("{ type: levenshtein, value: kitten }", "sitting", "something else")]
    [TestCase("{ type: levenshtein, value: kitten, threshold: 2 }", "kitchen", "sitting")]
    [TestCase("{ type: javascript, value: 'output.length < 5' }", "four", "seven")]
    [TestCase("{ type: javascript, value: 'output === context.vars.answer;' }", "42", "43")]
    [TestCase("{ type: javascript, value: 'output.length / 10', threshold: 0.5 }", "123456", "123")]
    [TestCase("{ type: javascript, value: \"const words = output.split(' ');\\nreturn { pass: words.length > 1, score: 0.2 };\" }", "two words", "one")]
    [TestCase("{ type: not-contains, value: sorry }", "Sure", "I am sorry")]
    [TestCase("{ type: not-equals, value: no }", "yes", "no")]
    [TestCase("{ type: not-regex, value: '^A' }", "B", "A")]
    [TestCase("{ type: not-is-json }", "text", "{}")]
    [TestCase("{ type: equals, value: '{{answer}}' }", "42", "{{answer}}")]
    [TestCase("{ type: contains, value: \"quote \\\" and \\\\ and `${1}`\" }", "a quote \" and \\ and `${1}`", "quote")]
    public async Task Assertion_OfATest_GivesTheSameVerdict(string assertion, string right, string wrong)
    {
        var (cases, _) = await MoveAsync("promptfoo.yaml", $"prompts: ['{{{{question}}}}']\ntests:\n- vars: {{ question: What?, answer: '42' }}\n  assert: [{assertion}]");

        (await PassesAsync(cases.Single(), right)).Should().BeTrue();
        (await PassesAsync(cases.Single(), wrong)).Should().BeFalse();
    }

    [TestCase(null, "Paris, France", true)]
    [TestCase(null, "Paris", false)]
    [TestCase(0.7, "Paris", true)]
    [TestCase(0.8, "Paris", false)]
    public async Task Assertions_SeveralOfATest_AreWeightedTheSame(double? threshold, string reply, bool passes)
    {
        var own = threshold is { } value ? FormattableString.Invariant($"  threshold: {value}\n") : "";

        var (cases, _) = await MoveAsync("promptfoo.yaml", $$"""
            tests:
            - vars: { q: Capital? }
            {{own}}  assert:
              - { type: contains, value: Paris, weight: 3 }
              - { type: contains, value: France }
            """);

        (await PassesAsync(cases.Single(), reply)).Should().Be(passes);
    }

    [Test]
    public async Task Tests_WithDefaultsPromptAndLists_BecomeCases()
    {
        var (cases, report) = await MoveAsync("promptfoo.yaml", """
            description: Manners
            providers: [openai:gpt-4.1]
            prompts: ["As {{ who }}: {{question}}"]
            defaultTest:
              vars: { who: a librarian }
              assert: [{ type: not-icontains, value: as an AI }]
            tests:
            - description: First
              vars: { question: Q1 }
              assert: [{ type: contains, value: x }]
            - vars: { question: [Q2, Q3], who: [me, you] }
            """);

        cases.Select(each => (each.Ordinal, each.CaseKey, each.Name, each.Input)).Should().Equal(
            (1, "test-1", "First", "As a librarian: Q1"), (2, "test-2-1", "", "As me: Q2"), (3, "test-2-2", "", "As me: Q3"),
            (4, "test-2-3", "", "As you: Q2"), (5, "test-2-4", "", "As you: Q3"));
        (await PassesAsync(cases[0], "x as an ai")).Should().BeFalse();
        report.Format.Should().Be(SuiteFormat.Promptfoo);
        report.Notes.Should().BeEquivalentTo("'description' of the file is not kept.", "Providers are left to the genome of each agent version.");
    }

    [Test]
    public async Task Rubric_WithAJudge_BecomesLlmJudge()
    {
        const string file = "tests:\n- vars: { q: Greet. }\n  assert: [{ type: llm-rubric, value: 'is polite to {{q}}', threshold: 0.8 }]";

        var (cases, _) = await MoveAsync("promptfoo.yaml", file, new ConversionOptions { Judge = JsonElement.Parse("""{"model":"gpt-4.1-mini","apiKeyRef":"openai"}""") });

        cases.Single().Scoring.Should().Be("""{"apiKeyRef":"openai","model":"gpt-4.1-mini","rubric":"is polite to Greet.","threshold":0.8,"type":"llm_judge"}""");
        (await RejectionAsync("promptfoo.yaml", file)).Should().Contain("line 2, case 'test-1': a model judges it, and no settings of that judge are given");
    }

    [TestCase("assert: [{ type: similar, value: x }]", "similar compares embeddings")]
    [TestCase("assert: [{ type: python, value: x }]", "the assertion python cannot be converted")]
    [TestCase("assert: [{ type: contains, value: 'file://x.txt' }]", "the value of contains is in another file")]
    [TestCase("assert: [{ type: contains, value: x, transform: y }]", "the assertion contains has 'transform'")]
    [TestCase("assert: [{ type: contains }]", "needs a text as its value")]
    [TestCase("assert: [{ type: javascript, value: 'require(\"fs\")' }]", "the script uses 'require'")]
    [TestCase("assert: [{ type: javascript, value: 'await x' }]", "the script uses 'await'")]
    [TestCase("assert: [{ type: contains, value: '{{missing}}' }]", "a template names 'missing', which has no value")]
    [TestCase("assert: [{ type: contains, value: '{{ q | upper }}' }]", "only {{name}} can be converted")]
    [TestCase("assert: [{ type: contains, value: '{% if q %}x{% endif %}' }]", "conditions, loops or comments")]
    [TestCase("assert: [{ type: is-json, value: { type: nonsense } }]", "schema")]
    [TestCase("assert: [{ type: regex, value: '(' }, { type: llm-rubric, value: x }]", "cannot share it")]
    [TestCase("assert: [{ type: equals, value: x, weight: 0 }]", "every assertion has weight 0")]
    [TestCase("description: nothing", "the test has no assertion")]
    [TestCase("provider: other\n  assert: [{ type: equals, value: x }]", "its own provider")]
    [TestCase("options: { transform: x }\n  assert: [{ type: equals, value: x }]", "the option 'transform'")]
    public async Task Test_ThatCannotBeMoved_IsListedWithItsLine(string test, string reason)
    {
        var file = $"tests:\n- vars: {{ q: Q0 }}\n  assert: [{{ type: equals, value: x }}]\n- vars: {{ q: Q1 }}\n  {test}\n- vars: {{ q: Q2 }}\n  assert: [{{ type: equals, value: y }}]";

        var error = await RejectionAsync("promptfoo.yaml", file);
        var (cases, report) = await MoveAsync("promptfoo.yaml", file, new ConversionOptions { SkipUnsupported = true });

        error.Should().StartWith("promptfoo.yaml: 1 of the cases cannot be converted:\n  line 4, case 'test-2': ").And.Contain(reason);
        cases.Select(each => (each.Ordinal, each.CaseKey)).Should().Equal((1, "test-1"), (2, "test-3"));
        report.LeftOut.Should().ContainSingle().Which.Should().Match<UnconvertedCase>(found => found.Line == 4 && found.Reason.Contains(reason));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Tests_OfWhichNoneCanBeMoved_AreListed(bool skip)
    {
        const string file = "defaultTest:\n  assert: [{ type: latency, threshold: 5 }]\ntests:\n- vars: { q: Q0 }\n- vars: { q: Q1 }";

        var error = await RejectionAsync("promptfoo.yaml", file, new ConversionOptions { SkipUnsupported = skip });

        error.Should().StartWith("promptfoo.yaml: none of the cases can be converted:\n  line 4, case 'test-1': the assertion latency cannot be converted.\n  line 5, case 'test-2': ");
    }

    [TestCase("tests: file://tests.yaml", "the tests are in another file")]
    [TestCase("prompts: [a, b]\ntests: []", "choose one, 1 to 2")]
    [TestCase("prompts: ['file://p.txt']\ntests: []", "not in this file")]
    [TestCase("scenarios: []\ntests: []", "write its tests out")]
    [TestCase("prompts: [a]", "the file has no 'tests'")]
    [TestCase("tests: []", "the file contains no test case")]
    public async Task File_ThatCannotBeMoved_IsRejected(string file, string reason) => (await RejectionAsync("promptfoo.yaml", file)).Should().Contain(reason);

    [Test]
    public async Task Prompt_OneOfSeveral_IsChosen()
    {
        const string file = "prompts: ['A {{q}}', 'B {{q}}']\ntests:\n- vars: { q: Q }\n  assert: [{ type: equals, value: x }]";

        (await MoveAsync("promptfoo.yaml", file, new ConversionOptions { Prompt = 2 })).Cases.Single().Input.Should().Be("B Q");
        (await MoveAsync("promptfoo.yaml", file, new ConversionOptions { Prompt = 0 })).Cases.Single().Input.Should().Be("Q");
        (await RejectionAsync("promptfoo.yaml", file, new ConversionOptions { Prompt = 3 })).Should().Contain("prompt 3: the file has 2 prompts");
    }

    [Test]
    public async Task File_InJson_IsReadAsWell()
    {
        var (cases, _) = await MoveAsync("promptfoo.json", "{\"tests\": [\n\t{\"vars\": {\"q\": \"caf\\u00e9 \\ud83d\\ude00 \\/\"}, \"assert\": [{\"type\": \"contains\", \"value\": \"x\"}]}\n]}");

        cases.Single().Input.Should().Be("café 😀 /");
    }

    // Each line doubles the one before: expanded, the last would have millions of millions of items.
    [Test]
    public async Task File_WithAliasBomb_IsRejectedAtOnce()
    {
        var bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 40).Select(each => $"a{each}: &a{each} [*a{each - 1}, *a{each - 1}]\n"));

        (await RejectionAsync("promptfoo.yaml", $"{bomb}tests:\n- vars: {{ q: *a40 }}\n  assert: [{{ type: contains-any, value: *a40 }}]")).Should().ContainAny("larger than 16 MiB", "nested deeper");
    }

    [Test]
    public async Task File_WithManyTestsAndALargeDefault_IsBounded()
    {
        var large = new string('x', 1_000_000);
        var tests = string.Concat(Enumerable.Repeat("- { vars: { q: Q } }\n", 400));

        (await RejectionAsync("promptfoo.yaml", $"defaultTest:\n  assert: [{{ type: contains, value: {large} }}]\ntests:\n{tests}", new ConversionOptions { SkipUnsupported = true }))
            .Should().ContainAny("larger than 160 MiB", "none of the cases can be converted");
    }
}
