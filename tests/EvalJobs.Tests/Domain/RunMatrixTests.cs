using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class RunMatrixTests
{
    [Test]
    public void Of_RunsWithDifferentCases_KeepsEachCaseOnce()
    {
        var matrix = RunMatrix.Of([[Case(1, "a"), Case(2, "b")], [Case(1, "b", CaseVerdict.Failed), Case(2, "c")]]);

        matrix.Select(each => each.CaseKey).Should().Equal("a", "b", "c");
        matrix[1].Should().Match<MatrixCase>(each => each.IsNewlyFailing && each.IsDifferent && !each.IsNewlyPassing && !each.IsMissing);
        matrix.Where(each => each.IsMissing).Select(each => each.CaseKey).Should().Equal("a", "c");
        matrix.Should().AllSatisfy(each => each.IsDifferent.Should().Be(each.CaseKey == "b", "a run that does not have a case does not judge it differently"));
        matrix[2].Should().Match<MatrixCase>(each => !each.IsNewlyFailing && !each.IsNewlyPassing, "a case that the baseline does not have is neither");
        RunMatrix.AgainstBaseline(matrix, 1).Should().Match<RunComparison>(all => all.SharedCount == 1 && all.NewlyFailingCount == 1 && all.NewlyPassingCount == 0);
    }

    [TestCase(1, 1)]
    [TestCase(20, 19)]
    [TestCase(100, 95)]
    public void Percentile95_OfTimesFromOneUp_IsTheNearestRank(int cases, long expected) =>
        RunMatrix.Percentile95([.. Enumerable.Range(1, cases).Select(ms => Case(ms, $"{ms}") with { DurationMs = ms })]).Should().Be(expected);

    [Test]
    public void GenomeDifference_OfNestedValues_NamesEachPlace()
    {
        var places = GenomeDifference.Of(["""{"prompt":"a","modelConfig":{"temperature":0,"stop":["x"]}}""", """{"prompt":"b","modelConfig":{"temperature":0,"stop":["x","y"]}}"""]);

        places.Select(place => place.Path).Should().Equal("prompt", "modelConfig.stop[1]");
        places[1].Values.Should().Equal(null, "y");
        GenomeDifference.Of(["{", "{}"]).Should().NotBeEmpty("what is no longer JSON is compared as text");
    }

    private static CaseFigures Case(int ordinal, string key, CaseVerdict verdict = CaseVerdict.Passed) =>
        new() { TestCaseId = ordinal, Ordinal = ordinal, CaseKey = key, Name = key, Verdict = verdict, DurationMs = 1 };
}
