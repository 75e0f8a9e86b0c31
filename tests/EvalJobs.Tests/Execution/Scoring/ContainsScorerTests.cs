using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class ContainsScorerTests
{
    private static readonly ContainsScorer Scorer = new();

    [TestCase("paris", "The capital is PARIS.", 1)]
    [TestCase(" Paris\n", "Paris", 1)]
    [TestCase("""["Paris","Seine"]""", "Paris on the seine", 1)]
    [TestCase("""["Paris","Seine","Loire","Rhône"]""", "Paris on the Seine, not the RHÔNE", 0.75)]
    [TestCase("[1, 2]", "the list [1, 2]", 1)]
    [TestCase("Rome", "Paris", 0)]
    public async Task ScoreAsync_ExpectedOutput_ReturnsTheShareFound(string expected, string actual, double share)
    {
        var score = await Scorer.ScoreAsync("contains", expected, actual);

        score.Value.Should().Be(share);
    }

    [TestCase("[1, 2.50]", "2.50 and 1", 1)]
    [TestCase("[1, 2.50]", "2.5 and 1", 0.5)]
    [TestCase("""["Kenya", 54]""", "54 million live in Kenya", 1)]
    [TestCase("""["Kenya", 54]""", "[\"Kenya\", 53]", 0.5)]
    public async Task ScoreAsync_ListWithNumbers_SearchesEachOfThem(string expected, string actual, double share) =>
        (await Scorer.ScoreAsync("contains", expected, actual)).Value.Should().Be(share);

    [TestCase("a\r\nb", "A\nB", "\"line_ends\"", 1)]
    [TestCase("a\r\nb", "A\nB", "\"none\"", 0)]
    [TestCase("caf\u00e9", "CAFE\u0301", "\"unicode\"", 1)]
    [TestCase("10 000", "10\u00A0000 km", "\"whitespace\"", 1)]
    [TestCase("10 000", "10\u00A0000 km", "\"unicode\"", 0)]
    public async Task ScoreAsync_Normalize_IgnoresOnlyWhatItNames(string expected, string actual, string normalize, double value) =>
        (await Scorer.ScoreAsync($$"""{"type":"contains","normalize":{{normalize}}}""", expected, actual)).Value.Should().Be(value);

    [TestCase("[null]")]
    [TestCase("""["a", {"b": 1}]""")]
    [TestCase("[[1]]")]
    [TestCase("[true]")]
    public void Validate_ListOfOtherThanTextsAndNumbers_IsRejected(string expected) =>
        Scorer.Validating("contains", expected).Should().Throw<InvalidInputException>().WithMessage("*list of strings and numbers*scoring.phrases.");

    [Test]
    public async Task ScoreAsync_Phrases_ReplaceTheExpectedOutput()
    {
        var score = await Scorer.ScoreAsync("""{"type":"contains","phrases":["a","b"]}""", "for people only", "B and a");

        score.Should().Be(Score.Right);
    }

    [Test]
    public async Task ScoreAsync_MissingPhrases_AreNamed()
    {
        var score = await Scorer.ScoreAsync("""{"type":"contains","phrases":["one","two","three"]}""", null, "two");

        score.Remark.Should().Be("Not found: one | three");
    }

    [TestCase("contains", null)]
    [TestCase("contains", " ")]
    [TestCase("contains", "[]")]
    [TestCase("contains", """["a"," "]""")]
    [TestCase("""{"type":"contains","phrases":[]}""", "x")]
    [TestCase("""{"type":"contains","phrases":["a",""]}""", "x")]
    [TestCase("""{"type":"contains","phrases":7}""", "x")]
    public void Validate_NothingToSearch_IsRejected(string scoring, string? expected) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>("an empty phrase would be in every reply");
}
