using EvalJobs.Execution.Agents;
using Microsoft.Extensions.Time.Testing;

namespace EvalJobs.Tests.Execution.Agents;

public sealed class CaseClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private FakeTimeProvider _time = null!;

    [SetUp]
    public void SetUp() => _time = new FakeTimeProvider();

    [Test]
    public void Clock_TimeIsUp_CancelsAndIsExpired()
    {
        using var clock = new CaseClock(Limit, _time, CancellationToken.None);

        _time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        clock.IsExpired.Should().BeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        clock.IsExpired.Should().BeTrue();
        clock.Token.IsCancellationRequested.Should().BeTrue();
    }

    [Test]
    public void Pause_HoweverLong_TakesNoTime()
    {
        using var clock = new CaseClock(Limit, _time, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(4));

        using (clock.Pause())
        using (clock.Pause())
            _time.Advance(TimeSpan.FromHours(1));

        clock.IsExpired.Should().BeFalse();
        clock.Elapsed.Should().Be(TimeSpan.FromSeconds(4));
        _time.Advance(TimeSpan.FromSeconds(1));
        clock.IsExpired.Should().BeTrue();
    }

    [Test]
    public void Pause_EndedTwice_EndsOnce()
    {
        using var clock = new CaseClock(Limit, _time, CancellationToken.None);
        var first = clock.Pause();
        using var second = clock.Pause();

        first.Dispose();
        first.Dispose();
        _time.Advance(TimeSpan.FromHours(1));

        clock.IsExpired.Should().BeFalse("the second pause has not ended");
    }

    [Test]
    public void Clock_CallerGivesUp_IsCancelledButNotExpired()
    {
        using var caller = new CancellationTokenSource();
        using var clock = new CaseClock(Limit, _time, caller.Token);

        caller.Cancel();

        clock.Token.IsCancellationRequested.Should().BeTrue();
        clock.IsExpired.Should().BeFalse();
    }
}
