using EvalJobs.Execution.Scoring.Processes;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class ScorerStartsTests
{
    private FakeTimeProvider _time = null!;
    private ScorerStarts _starts = null!;

    [SetUp]
    public void SetUp() => _starts = new ScorerStarts(_time = new FakeTimeProvider());

    [Test]
    public void Failed_InARow_IncreasesThePauseUpToAMinute()
    {
        var pauses = new List<double>();
        for (var failure = 1; failure <= 10; failure++)
        {
            var pause = _starts.Failed(_starts.Begin(), "It died.");
            pauses.Add(pause.TotalSeconds);
            (_starts.FindError() is null).Should().Be(pause == TimeSpan.Zero);
            _time.Advance(pause);
            _starts.FindError().Should().BeNull("the pause is over");
        }

        pauses.Should().Equal(0, 1, 2, 4, 8, 16, 32, 60, 60, 60);
    }

    [Test]
    public void Failed_SeveralStartsAtOnce_CountAsOne()
    {
        var together = Enumerable.Range(0, 4).Select(_ => _starts.Begin()).ToList();
        _time.Advance(TimeSpan.FromSeconds(1));

        together.Select(begun => _starts.Failed(begun, "It died.")).Should().AllBeEquivalentTo(TimeSpan.Zero);

        _starts.FindError().Should().BeNull("they failed at the same time");
    }

    [Test]
    public void Succeeded_AfterFailures_StartsFromTheBeginning()
    {
        _starts.Failed(_starts.Begin(), "It died.");
        _starts.Failed(_starts.Begin(), "It died.");
        _starts.FindError().Should().Be("It died. 2 starts in a row have failed; the next one is tried in 1 s.");

        _starts.Succeeded().Should().Be(2);

        _starts.FindError().Should().BeNull();
        _starts.Failed(_starts.Begin(), "It died.").Should().Be(TimeSpan.Zero);
    }
}
