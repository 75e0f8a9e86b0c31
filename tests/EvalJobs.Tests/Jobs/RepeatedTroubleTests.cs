using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs;

public sealed class RepeatedTroubleTests
{
    private readonly HandClock _clock = new();
    private LogCapture _log = null!;
    private RepeatedTrouble _trouble = null!;

    private IEnumerable<string> Told => _log.Lines.Select(line => line.Text);

    [SetUp]
    public void Create()
    {
        _log = new LogCapture();
        _trouble = new RepeatedTrouble("It could not be done", _log.CreateLogger("loop"), _clock);
    }

    [TearDown]
    public void Drop() => _log.Dispose();

    [Test]
    public void Note_TheFirst_IsToldInFullAndThoseAfterItNotAtOnce()
    {
        var error = new IOException("full");

        _trouble.Note(error);
        PassWithFailures(TimeSpan.FromSeconds(59));

        _log.Lines.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Level = LogLevel.Warning, Text = "It could not be done; trying again", Exception = error });
    }

    [Test]
    public void Note_ForTenHours_IsToldInOneLineEverLessOften()
    {
        _trouble.Note(new IOException("full"));

        PassWithFailures(TimeSpan.FromMinutes(1));
        Told.Should().HaveCount(2).And.EndWith("It could not be done for 60 s now, in 61 attempts; trying again. The last error: still full");
        PassWithFailures(TimeSpan.FromMinutes(2));
        Told.Should().HaveCount(3).And.EndWith("It could not be done for 180 s now, in 181 attempts; trying again. The last error: still full");
        PassWithFailures(TimeSpan.FromHours(10));

        _log.Lines.Should().OnlyContain(line => line.Level == LogLevel.Warning).And.HaveCount(3 + 2 + 39, "after 4 and 8 minutes more, then every 15 minutes");
        _log.Lines.Skip(1).Should().OnlyContain(line => line.Exception == null);
    }

    [Test]
    public void Over_AfterTrouble_IsToldOnce()
    {
        _trouble.Note(new IOException("full"));
        PassWithFailures(TimeSpan.FromSeconds(5));

        _trouble.Over();
        _trouble.Over();

        _log.Lines.Should().HaveCount(2);
        _log.Lines.Last().Should().BeEquivalentTo(new { Level = LogLevel.Information, Text = "It could not be done for 5 s, in 6 attempts; that is over" });
    }

    [Test]
    public void Over_WithoutTrouble_SaysNothing()
    {
        _trouble.Over();

        _log.Lines.Should().BeEmpty();
    }

    [Test]
    public void Note_TroubleAfterAnotherWasOver_BeginsAnew()
    {
        _trouble.Note(new IOException("full"));
        PassWithFailures(TimeSpan.FromHours(1));
        _trouble.Over();

        _log.Lines.Clear();
        _trouble.Note(new IOException("full"));
        PassWithFailures(TimeSpan.FromMinutes(1));

        Told.Should().Equal("It could not be done; trying again", "It could not be done for 60 s now, in 61 attempts; trying again. The last error: still full");
    }

    /// <summary>A failure each second.</summary>
    private void PassWithFailures(TimeSpan time)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            _clock.Now += TimeSpan.FromSeconds(1);
            _trouble.Note(new IOException("still full"));
        }
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
