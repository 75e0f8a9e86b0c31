using EvalJobs.Jobs;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Jobs;

public sealed class OutageLogTests
{
    private readonly HandClock _clock = new();
    private LogCapture _log = null!;
    private OutageLog _outage = null!;

    private IEnumerable<string> Logged => _log.Lines.Select(line => line.Text);

    [SetUp]
    public void Create()
    {
        _log = new LogCapture();
        _outage = new OutageLog("It could not be done", _log.CreateLogger("loop"), _clock);
    }

    [TearDown]
    public void Drop() => _log.Dispose();

    [Test]
    public void Failed_FirstTime_IsLoggedInFullAndLaterOnesAreNot()
    {
        var error = new IOException("full");

        _outage.Failed(error);
        PassWithFailures(TimeSpan.FromSeconds(59));

        _log.Lines.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Level = LogLevel.Warning, Text = "It could not be done; trying again", Exception = error });
    }

    [Test]
    public void Failed_ForTenHours_IsLoggedInOneLineAtGrowingIntervals()
    {
        _outage.Failed(new IOException("full"));

        PassWithFailures(TimeSpan.FromMinutes(1));
        Logged.Should().HaveCount(2).And.EndWith("It could not be done for 60 s, in 61 attempts; trying again. Last error: still full");
        PassWithFailures(TimeSpan.FromMinutes(2));
        Logged.Should().HaveCount(3).And.EndWith("It could not be done for 180 s, in 181 attempts; trying again. Last error: still full");
        PassWithFailures(TimeSpan.FromHours(10));

        _log.Lines.Should().OnlyContain(line => line.Level == LogLevel.Warning).And.HaveCount(3 + 2 + 39, "after another 4 and 8 minutes, then every 15 minutes");
        _log.Lines.Skip(1).Should().OnlyContain(line => line.Exception == null);
    }

    [Test]
    public void Recovered_AfterFailures_IsLoggedOnce()
    {
        _outage.Failed(new IOException("full"));
        PassWithFailures(TimeSpan.FromSeconds(5));

        _outage.Recovered();
        _outage.Recovered();

        _log.Lines.Should().HaveCount(2);
        _log.Lines.Last().Should().BeEquivalentTo(new { Level = LogLevel.Information, Text = "It could not be done for 5 s, in 6 attempts; recovered" });
    }

    [Test]
    public void Recovered_WithoutFailures_LogsNothing()
    {
        _outage.Recovered();

        _log.Lines.Should().BeEmpty();
    }

    [Test]
    public void Failed_AfterRecovery_StartsANewOutage()
    {
        _outage.Failed(new IOException("full"));
        PassWithFailures(TimeSpan.FromHours(1));
        _outage.Recovered();

        _log.Lines.Clear();
        _outage.Failed(new IOException("full"));
        PassWithFailures(TimeSpan.FromMinutes(1));

        Logged.Should().Equal("It could not be done; trying again", "It could not be done for 60 s, in 61 attempts; trying again. Last error: still full");
    }

    /// <summary>Adds a failure each second.</summary>
    private void PassWithFailures(TimeSpan time)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            _clock.Now += TimeSpan.FromSeconds(1);
            _outage.Failed(new IOException("still full"));
        }
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
