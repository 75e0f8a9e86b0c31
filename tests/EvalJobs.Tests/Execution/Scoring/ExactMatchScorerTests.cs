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
    public async Task ScoreAsync_SameValue_IsRight(string expected, string actual)
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
    public async Task ScoreAsync_OtherValue_IsWrong(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("exact_match", expected, actual);

        score.Should().Be(Score.Wrong);
    }

    [Test]
    public void ScoreAsync_AnyText_EqualsItself() =>
        Gen.String.Sample(text => Scorer.ScoreAsync("exact_match", text, text).GetAwaiter().GetResult() == Score.Right);

    [Test]
    public void ScoreAsync_Integers_AgreeWithComparingThem() =>
        Gen.Select(Gen.Long, Gen.Long[-2, 2]).Sample((number, difference) =>
        {
            var other = (Int128)number + difference;
            var written = $"{other.ToString(CultureInfo.InvariantCulture)}.00";
            return Scorer.ScoreAsync("exact_match", number.ToString(CultureInfo.InvariantCulture), written).GetAwaiter().GetResult()
                == Score.Of(difference == 0);
        });

    [Test]
    public void Validate_NoExpectedOutput_IsRejected() =>
        Scorer.Validating("exact_match", expected: null).Should().Throw<InvalidInputException>().WithMessage("*needs an expected output*");

    [Test]
    public void Validate_AnySetting_IsRejected() =>
        Scorer.Validating("""{"type":"exact_match","ignoreCase":true}""", "x").Should().Throw<InvalidInputException>()
            .WithMessage("scoring.ignoreCase is not a setting of 'exact_match'; it knows type, threshold.");
}
