using CsCheck;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class SimilarityScorerTests
{
    private static readonly SimilarityScorer Scorer = new();

    [TestCase("", "", 1)]
    [TestCase("", "abc", 0)]
    [TestCase("abcd", "abcd\n", 1)]
    [TestCase("kitten", "sitting", 1 - 3 / 7.0)]
    [TestCase("abcde", "ABCDE", 0)]
    public async Task ScoreAsync_TwoTexts_IsOneMinusDistanceByLongerLength(string expected, string actual, double value)
    {
        var score = await Scorer.ScoreAsync("similarity", expected, actual);

        score.Value.Should().BeApproximately(value, 1e-12);
    }

    [TestCase("a\r\nb", "a\nb", "\"line_ends\"", 1)]
    [TestCase("a\r\nb", "a\nb", "\"none\"", 0.75)]
    [TestCase("e\u0301", "\u00e9", "\"unicode\"", 1)]
    [TestCase("a  b", "a\u00A0b", "\"whitespace\"", 1)]
    public async Task ScoreAsync_Normalize_IgnoresOnlyWhatItNames(string expected, string actual, string normalize, double value) =>
        (await Scorer.ScoreAsync($$"""{"type":"similarity","normalize":{{normalize}}}""", expected, actual)).Value.Should().Be(value);

    [Test]
    public void ScoreAsync_AnyTwoTexts_IsSymmetricAndFromZeroToOne() =>
        Gen.Select(Gen.String, Gen.String).Sample((left, right) =>
        {
            var there = Scorer.ScoreAsync("similarity", left, right).GetAwaiter().GetResult().Value;
            var back = Scorer.ScoreAsync("similarity", right, left).GetAwaiter().GetResult().Value;
            return there is >= 0 and <= 1 && Math.Abs(there - back) < 1e-12;
        });

    [Test]
    public async Task ScoreAsync_TextsBeyondTheLimit_AreUnscored()
    {
        var scoring = () => Scorer.ScoreAsync("similarity", new string('a', 10_001), new string('b', 10_000));

        await scoring.Should().ThrowAsync<ScoringException>()
            .WithMessage("Too long for 'similarity': 10001 expected × 10000 actual characters exceed 100000000.");
    }

    [Test]
    public async Task ScoreAsync_Cancelled_Stops()
    {
        var scoring = () => Scorer.ScoreAsync("similarity", "a", "b", new CancellationToken(canceled: true));

        await scoring.Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public void DefaultThreshold_IsFourFifths() => Scorer.DefaultThreshold.Should().Be(0.8);

    [Test]
    public void Validate_NoExpectedOutput_IsRejected() =>
        Scorer.Validating("similarity", expected: null).Should().Throw<InvalidInputException>();

    [Test]
    public void Validate_ListWithoutItsMeaning_IsRejected() =>
        Scorer.Validating("similarity", """["sitting","kitten"]""").Should().Throw<InvalidInputException>().WithMessage("*is a list*'similarity'*scoring.list*any*whole*");

    [Test]
    public async Task ScoreAsync_ListOfRightAnswers_TheNearestCounts()
    {
        (await Scorer.ScoreAsync("""{"type":"similarity","list":"any"}""", """["sitting","kitten"]""", "kitten")).Should().Be(Score.Right);
        (await Scorer.ScoreAsync("""{"type":"similarity","list":"whole"}""", """["a","b"]""", "kitten")).Value.Should().BeLessThan(0.3);
    }
}
