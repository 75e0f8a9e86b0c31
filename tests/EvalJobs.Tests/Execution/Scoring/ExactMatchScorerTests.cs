using System.Globalization;
using CsCheck;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class ExactMatchScorerTests
{
    private static readonly ExactMatchScorer Scorer = new();

    [TestCase("""{"a":1,"b":[true,null]}""", """ { "b" : [true, null], "a" : 1.0 } """)]
    [TestCase("1", "10e-1")]
    [TestCase("-0", "0")]
    [TestCase("\"\\u00e9\"", "\"é\"")]
    [TestCase("Paris", " Paris\n")]
    [TestCase("Paris", "\"Paris\"")]
    [TestCase("\"Paris\"", "Paris")]
    [TestCase("[1e99999999999]", "[1e99999999999]")]
    [TestCase("", "  ")]
    [TestCase("{not json", "{not json")]
    public async Task ScoreAsync_SameValue_Passes(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("exact_match", expected, actual);

        score.Should().Be(Score.Right);
    }

    [TestCase("[1,2]", "[2,1]")]
    [TestCase("42", "\"42\"")]
    [TestCase("""{"a":1}""", """{"a":1,"b":2}""")]
    [TestCase("Paris", "paris")]
    [TestCase("Paris", "Paris.")]
    [TestCase("9007199254740993", "9007199254740992")]
    [TestCase("0.1000000000000000000000000000000000001", "0.1")]
    [TestCase("1e400", "1e401")]
    [TestCase("1e99999999999", "1e99999999998")]
    [TestCase("""{"a":1}""", """{"a":2,"a":1}""")]
    [TestCase("\"\\ud800\"", "\"\\ud801\"")]
    public async Task ScoreAsync_OtherValue_Fails(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("exact_match", expected, actual);

        score.Should().Match<Score>(found => found.Value == 0 && found.Remark != null, "a wrong reply says where it differs");
    }

    [TestCase("x\r\ny", "x\ny")]
    [TestCase("x\ry", "x\ny")]
    [TestCase("{\"a\":\"x\\r\\ny\"}", "{\"a\":\"x\\ny\"}")]
    [TestCase("\"x\\r\\ny\"", "x\ny")]
    public async Task ScoreAsync_OtherLineEnds_Pass(string expected, string actual)
    {
        (await Scorer.ScoreAsync("exact_match", expected, actual)).Should().Be(Score.Right);
        (await Scorer.ScoreAsync("""{"type":"exact_match","normalize":"none"}""", expected, actual)).Value.Should().Be(0);
    }

    [TestCase("\"unicode\"", "cafe\u0301", "caf\u00e9", 1)]
    [TestCase("\"unicode\"", "{\"caf\u00e9\":\"cafe\u0301\"}", "{\"cafe\u0301\":\"caf\u00e9\"}", 1)]
    [TestCase("\"unicode\"", "cafe", "caf\u00e9", 0)]
    [TestCase("\"unicode\"", "\uFF11", "1", 0)]
    [TestCase("\"whitespace\"", "cafe\u0301", "caf\u00e9", 0)]
    [TestCase("\"whitespace\"", "10\u00A0000  km\n", "10 000\tkm", 1)]
    [TestCase("\"whitespace\"", "10000", "10 000", 0)]
    [TestCase("\"unicode\"", "a\u00A0b", "a b", 0)]
    [TestCase("[\"unicode\",\"whitespace\"]", "cafe\u0301\u00A0au lait", "caf\u00e9 au\r\nlait", 1)]
    public async Task ScoreAsync_Normalize_IgnoresOnlyWhatItNames(string normalize, string expected, string actual, double value) =>
        (await Scorer.ScoreAsync($$"""{"type":"exact_match","normalize":{{normalize}}}""", expected, actual)).Value.Should().Be(value);

    [TestCase("Nairobi", 1)]
    [TestCase("\"Nairobi City\"", 1)]
    [TestCase("4.0", 1)]
    [TestCase("Mombasa", 0)]
    [TestCase("[\"Nairobi\",\"Nairobi City\",4]", 0)]
    [TestCase("Nairobi, Nairobi City", 0)]
    public async Task ScoreAsync_ListOfRightAnswers_AcceptsEachOfThem(string actual, double value)
    {
        const string Scoring = """{"type":"exact_match","list":"any"}""";
        const string Expected = """["Nairobi","Nairobi City",4]""";

        Scorer.Validating(Scoring, Expected).Should().NotThrow();
        (await Scorer.ScoreAsync(Scoring, Expected, actual)).Value.Should().Be(value);
    }

    [Test]
    public async Task ScoreAsync_WholeList_IsComparedAsJson()
    {
        const string Scoring = """{"type":"exact_match","list":"whole"}""";

        Scorer.Validating(Scoring, "[1,2]").Should().NotThrow();
        (await Scorer.ScoreAsync(Scoring, "[1,2]", "[1.0, 2]")).Should().Be(Score.Right);
        (await Scorer.ScoreAsync(Scoring, "[1,2]", "1")).Value.Should().Be(0);
    }

    [TestCase("""["Nairobi","Nairobi City"]""")]
    [TestCase("""["Nairobi"]""")]
    [TestCase("[4, 5]")]
    [TestCase("""["4", 4, true, null]""")]
    public void Validate_ListWithoutItsMeaning_IsRejected(string expected) =>
        Scorer.Validating("exact_match", expected).Should().Throw<InvalidInputException>("only exactly this array could pass")
            .WithMessage("The expected output (*) is a list*scoring.list*\"any\"*\"whole\"*");

    [TestCase("[]")]
    [TestCase("""[{"a":1}]""")]
    [TestCase("[[1]]")]
    [TestCase("""{"a":[1,2]}""")]
    public void Validate_ArrayThatIsNotAListOfAnswers_IsAccepted(string expected) =>
        Scorer.Validating("exact_match", expected).Should().NotThrow();

    [TestCase("""{"type":"exact_match","list":"any"}""", "Nairobi", "scoring.list is any*JSON array*Nairobi.")]
    [TestCase("""{"type":"exact_match","list":"any"}""", "[]", "scoring.list is any*")]
    [TestCase("""{"type":"exact_match","list":"any"}""", "[[1]]", "scoring.list is any*")]
    [TestCase("""{"type":"exact_match","list":"every"}""", "[1]", "scoring.list (every) must be any or whole.")]
    [TestCase("""{"type":"exact_match","normalize":"nfc"}""", "x", "scoring.normalize (\"nfc\") must be \"none\", \"line_ends\", \"unicode\", \"whitespace\" or a list of them.")]
    [TestCase("""{"type":"exact_match","normalize":["none","unicode"]}""", "x", "scoring.normalize*")]
    [TestCase("""{"type":"exact_match","normalize":true}""", "x", "scoring.normalize*")]
    public void Validate_WrongSetting_IsRejected(string scoring, string expected, string message) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>().WithMessage(message);

    [Test]
    public void ScoreAsync_AnyText_EqualsItself() =>
        Gen.String.Sample(text => Scorer.ScoreAsync("exact_match", text, text).GetAwaiter().GetResult() == Score.Right);

    [Test]
    public void ScoreAsync_Integers_AgreeWithNumericComparison() =>
        Gen.Select(Gen.Long, Gen.Long[-2, 2]).Sample((number, difference) =>
        {
            var other = (Int128)number + difference;
            var written = $"{other.ToString(CultureInfo.InvariantCulture)}.00";
            return Scorer.ScoreAsync("exact_match", number.ToString(CultureInfo.InvariantCulture), written).GetAwaiter().GetResult().Value
                == (difference == 0 ? 1 : 0);
        });

    [Test]
    public void Validate_NoExpectedOutput_IsRejected() =>
        Scorer.Validating("exact_match", expected: null).Should().Throw<InvalidInputException>().WithMessage("*needs an expected output*");

    [Test]
    public void Validate_AnySetting_IsRejected() =>
        Scorer.Validating("""{"type":"exact_match","ignoreCase":true}""", "x").Should().Throw<InvalidInputException>()
            .WithMessage("scoring.ignoreCase is not a setting of 'exact_match'; expected one of type, threshold, list, normalize.");
}
