using System.Globalization;
using System.Text.Json;
using CsCheck;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class NumericScorerTests
{
    private const string AfterAnswerMark = """{"type":"numeric","extract":"A:\\s*(.+)"}""";

    private static readonly NumericScorer Scorer = new();

    [TestCase("18", "She makes 9 * 2 = $18 a day.")]
    [TestCase("1234567.5", "The total is $1,234,567.50.")]
    [TestCase("-5", "-$5")]
    [TestCase("-5", "$-5")]
    [TestCase("-5", "about \u22125")]
    [TestCase("12", "between 10-12")]
    [TestCase("3", "16 - 3")]
    [TestCase("-3", "f(x) = -3")]
    [TestCase("0.05", ".05")]
    [TestCase("150000", "1.5e5")]
    [TestCase("0.00002", "2E\u22125")]
    [TestCase("45", "45%")]
    [TestCase("45 %", "45")]
    [TestCase("7", "007")]
    [TestCase("2345", "1,2345")]
    [TestCase("2", "1,2")]
    [TestCase("3.0", "3")]
    [TestCase("1e99999999999", "1e99999999999")]
    [TestCase("+4", "4")]
    public async Task ScoreAsync_LastNumber_IsTheExpectedOne(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("numeric", expected, actual);

        score.Should().Be(Score.Right);
    }

    [TestCase("18", "18 is wrong, it is 19")]
    [TestCase("5", "-5")]
    [TestCase("0.1", "0.10000000000000000000000000000000000001")]
    [TestCase("100000000000000000000000000000000000001", "100000000000000000000000000000000000002")]
    [TestCase("1e999", "1e998")]
    public async Task ScoreAsync_OtherNumber_IsWrongAndSaysWhichWasRead(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("numeric", expected, actual);

        score.Value.Should().Be(0);
        score.Remark.Should().StartWith("Read ");
    }

    [TestCase("\"tolerance\":0.1", "0.3", "0.2", 1)]
    [TestCase("\"tolerance\":0.1", "0.3", "0.19", 0)]
    [TestCase("\"tolerance\":1", "1e300", "1e300", 1)]
    [TestCase("\"tolerance\":1", "79228162514264337593543950335", "-79228162514264337593543950335", 0)]
    [TestCase("\"relativeTolerance\":0.01", "200", "202", 1)]
    [TestCase("\"relativeTolerance\":0.01", "200", "197.9", 0)]
    [TestCase("\"relativeTolerance\":0.01", "-200", "-198", 1)]
    [TestCase("\"relativeTolerance\":0.01", "0", "0.001", 0)]
    [TestCase("\"relativeTolerance\":0.01", "1e-40", "2e-40", 0)]
    [TestCase("\"relativeTolerance\":0.01", "1e300", "1.001e300", 1)]
    [TestCase("\"relativeTolerance\":0.01", "1e999", "5", 0)]
    public async Task ScoreAsync_Tolerance_BoundsTheDifference(string setting, string expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync($$"""{"type":"numeric",{{setting}}}""", expected, actual);

        score.Value.Should().Be(value);
    }

    [TestCase("A:\\s*(.+)", "3 + 4 = 7\nA: 7", "first A: 1\nthen A: $7.\nsome 99 later", 1)]
    [TestCase("A:\\s*(.+)", "7", "A: 7", 1)]
    [TestCase("(?<unit>kg|g) (?<value>\\S+)", "kg 7", "kg 7", 1)]
    [TestCase("= \\d+", "= 7", "= 7 or 8", 1)]
    [TestCase("A:\\s*(.+)", "A: 7", "the answer is 7", 0)]
    public async Task ScoreAsync_Extract_NarrowsReplyAndExpectedOutput(string extract, string expected, string actual, double value)
    {
        var scoring = JsonSerializer.Serialize(new { type = "numeric", extract });

        var score = await Scorer.ScoreAsync(scoring, expected, actual);

        score.Value.Should().Be(value);
    }

    [Test]
    public async Task ScoreAsync_ReplyWithoutNumber_IsWrong()
    {
        var score = await Scorer.ScoreAsync("numeric", "7", "I cannot say");

        score.Should().Be(new Score(0, "No number in the reply."), "the agent answered, and answered wrongly");
    }

    [Test]
    public void ScoreAsync_AnyDecimalAsPeopleWriteIt_IsRecognised() =>
        Gen.Decimal.Sample(number =>
        {
            var written = $"It comes to {number.ToString("#,##0.############################", CultureInfo.InvariantCulture)}.";
            return Scorer.ScoreAsync("numeric", number.ToString(CultureInfo.InvariantCulture), written).GetAwaiter().GetResult() == Score.Right;
        });

    [TestCase("numeric", null, "*needs an expected output*")]
    [TestCase("numeric", "seven", "*finds no number in the expected output (seven).")]
    [TestCase(AfterAnswerMark, "it is 7", "*finds no number where scoring.extract looks in the expected output*")]
    [TestCase("""{"type":"numeric","tolerance":"x"}""", "7", "scoring.tolerance (\"x\") must be a number ≥ 0.")]
    [TestCase("""{"type":"numeric","tolerance":-1}""", "7", "scoring.tolerance (-1) must be a number ≥ 0.")]
    [TestCase("""{"type":"numeric","tolerance":1,"relativeTolerance":1}""", "7", "*exclude each other.")]
    [TestCase("""{"type":"numeric","extract":"("}""", "7", "scoring.extract is not a regular expression*")]
    [TestCase("""{"type":"numeric","tolerence":1}""", "7", "scoring.tolerence is not a setting of 'numeric'; it knows type, threshold, extract, tolerance, relativeTolerance.")]
    public void Validate_WrongSettings_AreRejected(string scoring, string? expected, string message) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>().WithMessage(message);

    [Category(RealInput.Category)]
    [TestCase("6b_finetuning", 89)]
    [TestCase("6b_verification", 156)]
    [TestCase("175b_finetuning", 146)]
    [TestCase("175b_verification", 224)]
    public async Task ScoreAsync_Gsm8kSolutions_AgreesWithEveryPublishedLabel(string model, int passing)
    {
        var disagreements = new List<int>();
        var right = 0;
        var line = 0;

        await foreach (var json in File.ReadLinesAsync(RealInput.GsmPath))
        {
            line++;
            var record = JsonElement.Parse(json);
            var solution = record.GetProperty(model);
            Scorer.Validate(ScoringSpec.Parse(AfterAnswerMark), record.GetProperty("ground_truth").GetString());
            var score = await Scorer.ScoreAsync(
                AfterAnswerMark, record.GetProperty("ground_truth").GetString(), solution.GetProperty("solution").GetString()!);

            right += (int)score.Value;
            if (score.Value == 1 != solution.GetProperty("is_correct").GetBoolean())
                disagreements.Add(line);
        }

        line.Should().Be(400);
        disagreements.Should().BeEmpty();
        right.Should().Be(passing);
    }
}
