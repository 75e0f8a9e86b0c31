using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class RegexScorerTests
{
    private static readonly RegexScorer Scorer = new();

    [TestCase("""{"type":"regex","pattern":"^ab+$"}""", null, "abbb", 1)]
    [TestCase("""{"type":"regex","pattern":"^ab+$"}""", null, "ABBB", 0)]
    [TestCase("""{"type":"regex","pattern":"^ab+$","options":"ignoreCase"}""", null, "ABBB", 1)]
    [TestCase("""{"type":"regex","pattern":"^b$","options":["multiline"]}""", null, "a\nb\nc", 1)]
    [TestCase("""{"type":"regex","pattern":"a.c","options":["singleline"]}""", null, "a\nc", 1)]
    [TestCase("regex", "^4[0-9]$", "42", 1)]
    [TestCase("regex", "^4[0-9]$", "52", 0)]
    [TestCase("""{"type":"regex","pattern":"city: (?<city>\\w+)","group":"city"}""", " Paris ", "city: Paris, city: Rome", 1)]
    [TestCase("""{"type":"regex","pattern":"city: (?<city>\\w+)","group":"city"}""", "Rome", "city: Paris, city: Rome", 0)]
    [TestCase("""{"type":"regex","pattern":"city: (\\w+)","group":1}""", "Paris", "city: Paris", 1)]
    [TestCase("""{"type":"regex","pattern":"city: (\\w+)","group":"1"}""", "paris", "city: Paris", 0)]
    [TestCase("""{"type":"regex","pattern":"city: (\\w+)","group":1,"options":"ignoreCase"}""", "paris", "City: Paris", 1)]
    public async Task ScoreAsync_Pattern_SaysWhetherItMatches(string scoring, string? expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync(scoring, expected, actual);

        score.Value.Should().Be(value);
    }

    [Test, CancelAfter(30_000)]
    public async Task ScoreAsync_CatastrophicPattern_IsUnscored(CancellationToken cancellationToken)
    {
        var scoring = () => Scorer.ScoreAsync("""{"type":"regex","pattern":"^(a+)+$"}""", null, new string('a', 50) + "!", cancellationToken);

        await scoring.Should().ThrowAsync<ScoringException>().WithMessage("The pattern '^(a+)+$' took longer than 1 s on this text.");
    }

    [TestCase("regex", null, "*needs scoring.pattern, or the pattern as expected output*")]
    [TestCase("regex", "(", "The expected output is not a regular expression: Invalid pattern '(' at offset 1*")]
    [TestCase("""{"type":"regex","pattern":"a("}""", null, "scoring.pattern is not a regular expression: Invalid pattern 'a(' at offset 2*")]
    [TestCase("""{"type":"regex","pattern":""}""", null, "scoring.pattern (\"\") must be a string that is not empty.")]
    [TestCase("""{"type":"regex","pattern":"a","options":["ignorecase"]}""", null, "scoring.options (ignorecase) must be of ignoreCase, multiline, singleline.")]
    [TestCase("""{"type":"regex","pattern":"(a)","group":1}""", null, "scoring.group needs scoring.pattern and an expected output*")]
    [TestCase("""{"type":"regex","group":1}""", "(a)", "scoring.group needs scoring.pattern and an expected output*")]
    [TestCase("""{"type":"regex","pattern":"(?<n>a)","group":"m"}""", "x", "scoring.group (m) is not a group of the pattern; it has 0, n.")]
    public void Validate_WrongSettings_AreRejected(string scoring, string? expected, string message) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>().WithMessage(message);
}
