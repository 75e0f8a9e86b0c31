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

    // A way to write a number, and the value of the text for a careful reader: a fraction, or null where the value is ambiguous.
    private static readonly (Func<int, string> Write, Func<int, (int, int)?> Value)[] Spellings =
    [
        (Plain, number => (number, 1)),
        (number => $"{Plain(number)}.", number => (number, 1)),
        (number => number.ToString("#,##0", CultureInfo.InvariantCulture), number => (number, 1)),
        (number => $"{Plain(number / 100)}.{Math.Abs(number % 100):00}", number => number is > -100 and < 0 ? (-number, 100) : (number, 100)),
        (number => $"{Plain(number)}/7", number => (number, 7)),
        (number => $"\\frac{{{Plain(number)}}}{{7}}", number => (number, 7)),
        (number => $"{Plain(number)} million", number => (number * 1000, 1)),
        (number => $"minus {Plain(Math.Abs(number))}", number => (-Math.Abs(number), 1)),
        (number => $"\u2013{Plain(Math.Abs(number))}", number => (-Math.Abs(number), 1)),
        (number => $"{Plain(number / 100)},{Math.Abs(number % 100):00}", _ => null),
        (number => (10_000 + Math.Abs(number)).ToString("#,##0", CultureInfo.InvariantCulture).Replace(',', ' '), _ => null),
        (number => $"(${Plain(number)})", _ => null),
        (number => $"10^{Plain(number)}", _ => null),
        (number => $"{Plain(number)}:30", _ => null),
        (number => $"12:{Plain(number)}", _ => null),
        (number => $"2024-05-{Plain(number)}", _ => null),
        (number => $"- {Plain(number)}", _ => null),
        (number => $"\\sqrt{{{Plain(number)}}}", _ => null),
        (number => $"{Plain(number)}\\pi", _ => null),
        (number => $"{Plain(number)}k", _ => null),
        (number => $"3 * {Plain(number)}", _ => null),
        (number => $"3 + {Plain(number)}", _ => null),
        (number => $"1/2/{Plain(number)}", _ => null),
    ];

    private static string Plain(int number) => number.ToString(CultureInfo.InvariantCulture);

    [TestCase("18", "She makes 9 * 2 = $18 a day.")]
    [TestCase("1234567.5", "The total is $1,234,567.50.")]
    [TestCase("-5", "-$5")]
    [TestCase("-5", "$-5")]
    [TestCase("-5", "about \u22125")]
    [TestCase("-3", "f(x) = -3")]
    [TestCase("0.05", ".05")]
    [TestCase("150000", "1.5e5")]
    [TestCase("0.00002", "2E\u22125")]
    [TestCase("45", "45%")]
    [TestCase("45 %", "45")]
    [TestCase("7", "007")]
    [TestCase("3.0", "3")]
    [TestCase("1e99999999999", "1e99999999999")]
    [TestCase("+4", "4")]
    [TestCase("1/2", "The answer is 1/2.")]
    [TestCase("1/2", "0.5")]
    [TestCase("0.75", "3/4")]
    [TestCase("\\frac{3}{4}", "The answer is \\boxed{\\frac{3}{4}}.")]
    [TestCase("\\dfrac{3}{4}", "$\\frac34$")]
    [TestCase("-\\frac{3}{4}", "-0.75")]
    [TestCase("\\frac{-3}{4}", "-3/4")]
    [TestCase("2/3", "4/6")]
    [TestCase("3 1/2", "3.5")]
    [TestCase("3.5", "about 3 and 1/2 cups")]
    [TestCase("3\u00BD", "3.5")]
    [TestCase("\u20B91,00,000", "100000")]
    [TestCase("100000", "\u20B91,00,000")]
    [TestCase("12,34,567.5", "1234567.5")]
    [TestCase("1'234", "1234")]
    [TestCase("1\u202F234\u202F567", "1234567")]
    [TestCase("1{,}234", "$1{,}234$")]
    [TestCase("10,\\!000", "10000")]
    [TestCase("($5)", "-5")]
    [TestCase("-5", "($5.00)")]
    [TestCase("- 5", "-5")]
    [TestCase("-5", "- 5")]
    [TestCase("-5", "x = - 5")]
    [TestCase("\u20135", "-5")]
    [TestCase("-5", "it is \u20135 degrees")]
    [TestCase("-5", "minus 5")]
    [TestCase("negative 5", "-5")]
    [TestCase("$ 5", "5")]
    [TestCase("5 \u20AC", "5")]
    [TestCase("5 million", "5,000,000")]
    [TestCase("5000000", "about $5 million in all")]
    [TestCase("18 apples", "She has 18 apples left.")]
    [TestCase("18 km/h", "18")]
    [TestCase("18 cm^2", "18")]
    [TestCase("18", "**18**")]
    [TestCase("18", "**Answer:** **$18** dollars")]
    [TestCase("18", "<answer>18</answer>")]
    [TestCase("18", "<|final|>18")]
    [TestCase("18", "=> 18")]
    [TestCase("18", "> 18")]
    [TestCase("18", "* 18 apples")]
    [TestCase("18", "so it is 18!")]
    [TestCase("18", "18 square meters, or 18 m\u00B2")]
    [TestCase("18", "\\boxed{18} \\text{ cm}")]
    [TestCase("18", "The answer \\approx 18")]
    [TestCase("18", "9 * 2 = 18")]
    [TestCase("18", "16 + 2 = 18")]
    [TestCase("18", "{\"answer\": 18}")]
    [TestCase("18", "[18]")]
    [TestCase("18", "It is (as you said) 18 (apples).")]
    [TestCase("18", "five dozen less 42 is _18_")]
    [TestCase("19", "COVID-19")]
    [TestCase("12", "room B12")]
    [TestCase("3", "the 3rd")]
    [TestCase("1e999999999", "10e999999998")]
    [TestCase("0", "0e99999999999999999999")]
    public async Task ScoreAsync_LastNumber_IsTheExpectedOne(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("numeric", expected, actual);

        score.Should().Be(Score.Right);
    }

    [TestCase("1/2", "5/2")]
    [TestCase("\\frac{3}{4}", "The answer is \\frac{1}{4}.")]
    [TestCase("5", "($5)")]
    [TestCase("5", "- 5")]
    [TestCase("5", "\u20135")]
    [TestCase("5", "minus 5")]
    [TestCase("5", "5 million")]
    [TestCase("1/2", "3 1/2")]
    [TestCase("2", "1/2")]
    [TestCase("1e999999999", "1e999999998")]
    [TestCase("18", "18 is wrong, it is 19")]
    [TestCase("5", "-5")]
    [TestCase("0.1", "0.10000000000000000000000000000000000001")]
    [TestCase("100000000000000000000000000000000000001", "100000000000000000000000000000000000002")]
    [TestCase("1e999", "1e998")]
    public async Task ScoreAsync_OtherNumber_FailsAndSaysWhichWasRead(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("numeric", expected, actual);

        score.Value.Should().Be(0);
        score.Remark.Should().StartWith("Read ");
    }

    // A reader that takes only a part of the last number of the reply could read the expected number.
    [TestCase("5", "3,5")]
    [TestCase("5", "0,5")]
    [TestCase("5", ",5")]
    [TestCase("2", "1,2")]
    [TestCase("2345", "1,2345")]
    [TestCase("0", "1 000")]
    [TestCase("0", "10 000")]
    [TestCase("30", "12:30")]
    [TestCase("1", "2024-05-01")]
    [TestCase("2024", "01/05/2024")]
    [TestCase("50", "1.234,50")]
    [TestCase("2", "10^2")]
    [TestCase("2", "10**2")]
    [TestCase("10", "10^x")]
    [TestCase("10", "10\u00B2")]
    [TestCase("10", "2^{10}")]
    [TestCase("12", "between 10-12")]
    [TestCase("12", "between 10\u201312")]
    [TestCase("12", "10 - 12")]
    [TestCase("3", "16 - 3")]
    [TestCase("9", "2 * 9")]
    [TestCase("9", "2*9")]
    [TestCase("9", "2 x 9")]
    [TestCase("9", "2x9")]
    [TestCase("9", "2 \u00D7 9")]
    [TestCase("9", "2 + 9")]
    [TestCase("9", "2+9")]
    [TestCase("9", "18 / 9")]
    [TestCase("9", "2(9)")]
    [TestCase("9", "2 \\cdot 9")]
    [TestCase("5", "5\\pi")]
    [TestCase("5", "5 \u03C0")]
    [TestCase("2", "3\\sqrt{2}")]
    [TestCase("2", "\\sqrt{2}")]
    [TestCase("2", "\u221A2")]
    [TestCase("2", "the square root of 2")]
    [TestCase("2", "sqrt(2)")]
    [TestCase("2", "x_2")]
    [TestCase("2", "x^2")]
    [TestCase("2", "\\frac{x}{2}")]
    [TestCase("2", "\\frac{2}{x}")]
    [TestCase("1", "2\\frac{1}{1}")]
    [TestCase("3", "0.\\overline{3}")]
    [TestCase("0", "1/0")]
    [TestCase("3", "1/2/3")]
    [TestCase("3", "1.2.3")]
    [TestCase("5", "5k")]
    [TestCase("5", "$5M")]
    [TestCase("5", "5 squared")]
    [TestCase("5", "5 dozen")]
    [TestCase("5", "5 and a half")]
    [TestCase("5", "5 thirds")]
    [TestCase("50", "20% of 50")]
    [TestCase("5", "18 out of 5")]
    [TestCase("5", "x > 5")]
    [TestCase("5", "< 5")]
    [TestCase("5", "\u00B15")]
    [TestCase("5", "--5")]
    [TestCase("5", "the total - 5")]
    [TestCase("-5", "the total - 5")]
    [TestCase("5", "The answer:\n- 5 apples")]
    [TestCase("5", "I owe ($5) to you")]
    [TestCase("5", "(5)")]
    [TestCase("5", "x-5")]
    [TestCase("5", "2y+5")]
    [TestCase("5", "5 + x")]
    [TestCase("5", "5i")]
    [TestCase("5", "2x5")]
    [TestCase("1", "0x1F")]
    [TestCase("0", "0xFF")]
    [TestCase("234", "1\uFF0C234")]
    [TestCase("0", "1\u200B000")]
    [TestCase("5", "5 or \uFF16")]
    [TestCase("5", "5 or \u0666")]
    [TestCase("5", "5 or \U0001D7D4")]
    [TestCase("5", "3~5")]
    [TestCase("5", "5\u2030")]
    [TestCase("1", "1e999999999999999999")]
    public async Task ScoreAsync_AmbiguousNumber_FailsAndSaysSo(string expected, string actual)
    {
        var score = await Scorer.ScoreAsync("numeric", expected, actual);

        score.Value.Should().Be(0);
        score.Remark.Should().StartWith("The last number in the reply, '");
    }

    // An earlier version read only the last part of each of these, and that part passed.
    [TestCase("5\\sqrt{2}")]
    [TestCase("\\sqrt{2}")]
    [TestCase("2\\pi")]
    [TestCase("10^2")]
    [TestCase("3,5")]
    [TestCase("0,5")]
    [TestCase("1 000")]
    [TestCase("12:30")]
    [TestCase("2024-05-01")]
    [TestCase("May 5, 2024")]
    [TestCase("1.234,50")]
    [TestCase("10-12")]
    [TestCase("10\u201312")]
    [TestCase("1, 2")]
    [TestCase("3 and 4")]
    [TestCase("x = 3 or x = 4")]
    [TestCase("1/0")]
    [TestCase("(5)")]
    [TestCase("5k")]
    [TestCase("5!")]
    [TestCase("5 dozen")]
    [TestCase("\u22655")]
    [TestCase("> 5")]
    [TestCase("\u00B15")]
    [TestCase("5 \u00B1 1")]
    [TestCase("2x")]
    [TestCase("x^2")]
    [TestCase("log 5")]
    [TestCase("f(5)")]
    [TestCase("5*x")]
    [TestCase("5 + x")]
    [TestCase("x/5")]
    [TestCase("five")]
    [TestCase("less than 5")]
    [TestCase("not 5")]
    [TestCase("\u0665")]
    [TestCase("1.2.3")]
    [TestCase("0x1F")]
    [TestCase("1e9999999999999999")]
    [TestCase("[1,2]")]
    [TestCase("[5, 6]")]
    [TestCase("")]
    public void Validate_ExpectedOutputWithAnAmbiguousNumber_IsRejectedWithARemedy(string expected) =>
        Scorer.Validating("numeric", expected).Should().Throw<InvalidInputException>()
            .WithMessage("'numeric' finds no single number in the expected output*Write one number*scoring.format*scoring.extract.");

    [TestCase("12:30", "(\\d+):", "12")]
    [TestCase("5\\sqrt{2}", "^(\\d+)", "5")]
    [TestCase("2024-05-01", "^\\d{4}", "2024")]
    [TestCase("1 of 2: (x) 7", "\\(x\\) (.*)", "7")]
    public async Task ScoreAsync_ExtractFindsExactlyOneNumber_IsAccepted(string expected, string extract, string value)
    {
        var scoring = JsonSerializer.Serialize(new { type = "numeric", extract });

        Scorer.Validating(scoring, expected).Should().NotThrow();
        (await Scorer.ScoreAsync(scoring, value, expected)).Should().Be(Score.Right);
    }

    [TestCase("12:30", "\\S+")]
    [TestCase("A: 1, 2", "A: (.*)")]
    [TestCase("A: x", "A: (.*)")]
    public void Validate_ExtractFindsNotExactlyOneNumber_IsRejected(string expected, string extract) =>
        Scorer.Validating(JsonSerializer.Serialize(new { type = "numeric", extract }), expected).Should().Throw<InvalidInputException>()
            .WithMessage("*where scoring.extract looks*exactly one number.");

    [TestCase("3,5", "3,5", 1)]
    [TestCase("3,5", "3.5", 0)]
    [TestCase("5", "3,5", 0)]
    [TestCase("1.234,50", "1 234,5", 1)]
    [TestCase("1.234", "1234", 1)]
    [TestCase("0,5", "1/2", 1)]
    [TestCase("1 000", "1000,00", 1)]
    [TestCase("234", "1,234,5", 0)]
    [TestCase("5", "1.5", 0)]
    [TestCase("-1234,5", "Es kostet \u22121.234,50 \u20AC.", 1)]
    public async Task ScoreAsync_DecimalComma_IsReadByThatConvention(string expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync("""{"type":"numeric","format":"decimal_comma"}""", expected, actual);

        score.Value.Should().Be(value);
    }

    [TestCase("\"tolerance\":1", "1e30", "1000000000000000000000000000005", 0)]
    [TestCase("\"tolerance\":5", "1e30", "1000000000000000000000000000005", 1)]
    [TestCase("\"relativeTolerance\":0.1", "1e-330", "9e-330", 0)]
    [TestCase("\"relativeTolerance\":0.1", "1e-330", "1.1e-330", 1)]
    [TestCase("\"relativeTolerance\":0.1", "1e309", "1.05e309", 1)]
    [TestCase("\"relativeTolerance\":0.1", "1e309", "1.11e309", 0)]
    [TestCase("\"relativeTolerance\":0.1", "1e999999999", "1.1e999999999", 1)]
    [TestCase("\"relativeTolerance\":0.1", "1e999999999", "1.10000000001e999999999", 0)]
    [TestCase("\"relativeTolerance\":0.1", "1e999999999", "1", 0)]
    [TestCase("\"relativeTolerance\":1", "1e999999999", "1e-999999999", 1)]
    [TestCase("\"relativeTolerance\":1", "1e999999999", "-1e-999999999", 0)]
    [TestCase("\"tolerance\":1e999999999", "0", "1e999999999", 1)]
    [TestCase("\"tolerance\":1e999999999", "-1e-999999999", "1e999999999", 0)]
    [TestCase("\"tolerance\":1e-400", "0", "1e-400", 1)]
    [TestCase("\"tolerance\":1e-400", "0", "1.1e-400", 0)]
    [TestCase("\"tolerance\":0", "1/3", "0.3333333333333333333333333333333333", 0)]
    [TestCase("\"tolerance\":1e-30", "1/3", "0.3333333333333333333333333333333333", 1)]
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
    public async Task ScoreAsync_Tolerance_LimitsTheDifference(string setting, string expected, string actual, double value)
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
    public async Task ScoreAsync_ReplyWithoutNumber_Fails()
    {
        var score = await Scorer.ScoreAsync("numeric", "7", "I cannot say");

        score.Should().Be(new Score(0, "No number in the reply."), "the agent gave a wrong answer");
    }

    [Test]
    public void ScoreAsync_AnyDecimalAsPeopleWriteIt_IsRecognised() =>
        Gen.Decimal.Sample(number =>
        {
            var written = $"It comes to {number.ToString("#,##0.############################", CultureInfo.InvariantCulture)}.";
            return Scorer.ScoreAsync("numeric", number.ToString(CultureInfo.InvariantCulture), written).GetAwaiter().GetResult() == Score.Right;
        });

    /// <summary>In every spelling, only the correct value passes. The range is small so that correct values are drawn often.</summary>
    [Test]
    public void ScoreAsync_AnySpelling_PassesOnlyWithTheRightValue() =>
        Gen.Select(Gen.Int[-99, 99], Gen.Int[-700, 700], Gen.Int[0, Spellings.Length - 1]).Sample((expected, number, spelling) =>
        {
            var (write, value) = Spellings[spelling];
            var isRight = value(number) is var (numerator, denominator) && numerator == expected * denominator;

            var score = Scorer.ScoreAsync("numeric", Plain(expected), $"My answer is {write(number)}").GetAwaiter().GetResult();

            return score.Value == (isRight ? 1 : 0);
        }, iter: 20_000);

    [Test]
    public void ScoreAsync_Fractions_AreComparedAsRationals() =>
        Gen.Select(Gen.Int[-50, 50], Gen.Int[1, 50], Gen.Int[-50, 50], Gen.Int[1, 50]).Sample((a, b, c, d) =>
            Scorer.ScoreAsync("numeric", $"{a}/{b}", $"so it is {c}/{d}.").GetAwaiter().GetResult().Value == (a * d == c * b ? 1 : 0));

    /// <summary>The oracle writes every number out as an integer scaled by a power of ten.</summary>
    [Test]
    public void ScoreAsync_ToleranceAtAnyNumberOfDigits_AgreesWithIntegers() =>
        Gen.Select(Gen.Long, Gen.Int[-40, 40], Gen.Int[-1100, 1100], Gen.Int[0, 400], Gen.Bool).Sample((mantissa, exponent, difference, tolerance, relative) =>
        {
            var expected = (System.Numerics.BigInteger)mantissa * 1000;
            var actual = expected + (relative ? System.Numerics.BigInteger.Abs(expected) * difference / 1000 : difference);
            var bound = relative ? System.Numerics.BigInteger.Abs(expected) * tolerance : tolerance * System.Numerics.BigInteger.One;
            var isWithin = System.Numerics.BigInteger.Abs(actual - expected) * (relative ? 1000 : 1) <= bound;
            var setting = relative
                ? $"\"relativeTolerance\":{(tolerance / 1000m).ToString(CultureInfo.InvariantCulture)}"
                : $"\"tolerance\":{tolerance}e{exponent}";

            var score = Scorer.ScoreAsync($$"""{"type":"numeric",{{setting}}}""", $"{expected}e{exponent}", $"{actual}e{exponent}").GetAwaiter().GetResult();

            return score.Value == (isWithin ? 1 : 0);
        });

    [Test]
    public async Task ScoreAsync_AHundredThousandDigits_AreCompared()
    {
        var digits = new string('7', 99_999);

        (await Scorer.ScoreAsync("""{"type":"numeric","tolerance":1}""", digits + "0", digits + "1")).Value.Should().Be(1);
        (await Scorer.ScoreAsync("""{"type":"numeric","tolerance":1}""", digits + "0", digits + "2")).Value.Should().Be(0);
    }

    [Test]
    public async Task ScoreAsync_LongReplyOfDigitsAndSigns_IsReadInOnePass()
    {
        // A quadratic algorithm on a megabyte would not end within the test run.
        foreach (var piece in (string[])["1,", "1 234 ", "1-", "\\frac{1}", "((1", "*1", "1e", "- 1 ", "<1", "x1", "1/1 ", ".1", "{1}^"])
            (await Scorer.ScoreAsync("numeric", "123456", string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)))).Value.Should().Be(0, piece);
    }

    [TestCase("numeric", null, "*needs an expected output*")]
    [TestCase("numeric", "seven", "*finds no single number in the expected output (seven): it has no number.*")]
    [TestCase("""{"type":"numeric","format":"comma"}""", "7", "scoring.format (comma) must be decimal_point (1,234.5) or decimal_comma (1.234,5).")]
    [TestCase(AfterAnswerMark, "it is 7", "*finds no number where scoring.extract looks in the expected output*")]
    [TestCase("""{"type":"numeric","tolerance":"x"}""", "7", "scoring.tolerance (\"x\") must be a number ≥ 0.")]
    [TestCase("""{"type":"numeric","tolerance":-1}""", "7", "scoring.tolerance (-1) must be a number ≥ 0.")]
    [TestCase("""{"type":"numeric","tolerance":1,"relativeTolerance":1}""", "7", "*exclude each other.")]
    [TestCase("""{"type":"numeric","extract":"("}""", "7", "scoring.extract is not a regular expression*")]
    [TestCase("""{"type":"numeric","tolerence":1}""", "7", "scoring.tolerence is not a setting of 'numeric'; expected one of type, threshold, tolerance, relativeTolerance, format, extract.")]
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
