using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The explanation of a case's verdict: every scorer and verdict has one, with marks that fit the scorer.</summary>
public sealed class CaseExplanationTests
{
    [TestCase("contains", """{"type":"contains","phrases":["blue","sky","sea"]}""", null, "The Blue sky is blue.", "Found 2 of 3 phrases: “blue”, “sky”. Not found: “sea”.", "Blue|sky|blue")]
    [TestCase("contains", """{"type":"contains"}""", """["a","ab"]""", "xabx", "Found: “a”, “ab”.", "ab")]
    [TestCase("numeric", """{"type":"numeric"}""", "42", "first 7, then 41 apples", "Read 41, expected 42.", "41")]
    [TestCase("numeric", """{"type":"numeric"}""", "42", "none at all", "No number in the reply.", "")]
    [TestCase("numeric", """{"type":"numeric","extract":"x=(.*)"}""", "42", "x=41", "", "")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "the answer is red", "the answer is blue", "First difference at character 15: expected “r” (U+0072), the reply has “b” (U+0062).", "blue")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "colour", "color", "First difference at character 5: expected “u” (U+0075), the reply has “r” (U+0072).", "")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "7f3a", "7f9a", "First difference at character 3: expected “3” (U+0033), the reply has “9” (U+0039).", "9")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "yes", "", "The reply is empty.", "")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "a b", "a\u00A0b", "First difference at character 2: expected SPACE (U+0020), the reply has NBSP (U+00A0).|The texts look the same but differ. Invisible characters are marked.", "⟨NBSP⟩")]
    [TestCase("exact_match", """{"type":"exact_match","list":"any"}""", """["yes","yeah"]""", "no", "", "")]
    public void Of_AFailedCase_ExplainsWhatWasReadAndMarksIt(string scorer, string scoring, string? expected, string output, string sentences, string marks)
    {
        var explanation = CaseExplanation.Of(Case(scorer, scoring, expected, output, CaseVerdict.Failed));

        string.Join('|', explanation.Sentences).Should().Be(sentences);
        string.Join('|', (explanation.Actual ?? []).Where(part => !part.IsCommon).Select(part => part.Text)).Should().Be(marks);
        if (explanation.Actual is { } actual && !sentences.Contains("Invisible characters are marked", StringComparison.Ordinal))
            string.Concat(actual.Select(part => part.Text)).Should().Be(output, "the marked parts contain the whole text");
    }

    [TestCase("exact_match", """{"type":"exact_match"}""", "red", "red", "The reply is exactly the expected text.")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "1.0", "1", "Equal by the scorer's rules, but not exactly. The reply ends after character 1, where “.” (U+002E) is expected.")]
    [TestCase("exact_match", """{"type":"exact_match","list":"any"}""", """["yes","yeah"]""", "yeah", "Equals one of the expected answers.")]
    [TestCase("similarity", """{"type":"similarity"}""", "the answer", "the answers", "The reply continues after the expected text, with “s” (U+0073) at character 11.")]
    [TestCase("regex", """{"type":"regex"}""", "^a", "abc", "The pattern matches.")]
    [TestCase("numeric", """{"type":"numeric"}""", "42", "it is 42.0", "Read 42.0, expected 42.")]
    [TestCase("contains", """{"type":"contains"}""", "a", "xAx", "Found: “a”.")]
    public void Of_APassedCase_ExplainsWhy(string scorer, string scoring, string expected, string output, string sentence) =>
        CaseExplanation.Of(Case(scorer, scoring, expected, output, CaseVerdict.Passed)).Sentences.Should().Equal(sentence);

    [Test]
    public void Of_TextsWhoseShownPartsAreEqual_ClaimsNothingAboutTheRest()
    {
        var each = Case("exact_match", """{"type":"exact_match"}""", "Lorem", "Lorem", CaseVerdict.Failed) with { OutputLength = 11_200, ExpectedLength = 11_198 };

        CaseExplanation.Of(each).Sentences.Should().Equal("The parts shown are the same.");
    }

    [Test]
    public void Of_TextsTooLongForWords_SaysSoAndMarksTheFirstDifference()
    {
        var expected = string.Join(' ', Enumerable.Range(0, 3000));
        var output = expected.Replace("1500", "15xx", StringComparison.Ordinal);

        var explanation = CaseExplanation.Of(Case("exact_match", """{"type":"exact_match"}""", expected, output, CaseVerdict.Failed));

        explanation.Sentences.Should().Contain("Not compared word by word because the texts are too long. The first difference is marked.");
        explanation.Actual!.Single(part => !part.IsCommon).Text.Should().Be("x");
    }

    [Test]
    public void Of_ARemarkWithTheSameText_DoesNotRepeatIt()
    {
        var each = Case("numeric", """{"type":"numeric"}""", "42", "41", CaseVerdict.Failed) with { Error = "Read 41, expected 42." };

        CaseExplanation.Of(each).Sentences.Should().BeEmpty();
    }

    [TestCase("contains", """{"type":"contains"}""", """["a","b"]""", "a", "Not found: b", "Found 1 of 2 phrases: “a”.")]
    [TestCase("numeric", """{"type":"numeric"}""", "5", "5 dozen", "The last number in the reply, '5', is followed by 'dozen'.", "")]
    [TestCase("json", """{"type":"json"}""", """{"a":1}""", """{"a":2}""", "$.a: expected 1, got 2.", "")]
    [TestCase("exact_match", """{"type":"exact_match"}""", "yes", "", "Compared as text. The reply is empty.", "")]
    public void Of_AFailedCase_AddsOnlyWhatTheScorersRemarkDoesNotSay(string scorer, string scoring, string expected, string output, string remark, string sentences) =>
        string.Join('|', CaseExplanation.Of(Case(scorer, scoring, expected, output, CaseVerdict.Failed) with { Error = remark }).Sentences).Should().Be(sentences);

    [Test]
    public void Of_ATextThatWasCut_SaysThatMarksAreOfTheShownPart()
    {
        var each = Case("contains", """{"type":"contains","phrases":["a","zz"]}""", null, "a", CaseVerdict.Failed) with { OutputLength = 9000 };

        CaseExplanation.Of(each).Sentences.Should().EndWith("Only the part shown is marked.");
        CaseExplanation.Of(each with { Scorer = "numeric", Scoring = """{"type":"numeric"}""", ExpectedOutput = "1", Output = "1 and" }).Sentences.Should().BeEmpty("the last number may follow");
    }

    [TestCase("{}")]
    [TestCase("not json")]
    [TestCase("""{"type":"contains","phrases":[""]}""")]
    public void Of_SettingsThatCannotBeRead_ExplainsNothing(string scoring) =>
        CaseExplanation.Of(Case("contains", scoring, null, "text", CaseVerdict.Failed)).Sentences.Should().BeEmpty();

    private static CasePreview Case(string scorer, string scoring, string? expected, string output, CaseVerdict verdict) => new()
    {
        TestCaseId = 1,
        Ordinal = 1,
        CaseKey = "k",
        Name = "",
        Input = "",
        InputLength = 0,
        Weight = 1,
        Scorer = scorer,
        Scoring = scoring,
        ExpectedOutput = expected,
        ExpectedLength = expected?.Length,
        Output = output,
        OutputLength = output.Length,
        Verdict = verdict,
    };
}
