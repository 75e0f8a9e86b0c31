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
    public async Task ScoreAsync_ExpectedOutput_GivesTheShareFound(string expected, string actual, double share)
    {
        var score = await Scorer.ScoreAsync("contains", expected, actual);

        score.Value.Should().Be(share);
    }

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
    public void Validate_NothingToLookFor_IsRejected(string scoring, string? expected) =>
        Scorer.Validating(scoring, expected).Should().Throw<InvalidInputException>("an empty phrase would be in every reply");
}
