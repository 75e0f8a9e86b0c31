using EvalJobs.Server.Access;

namespace EvalJobs.Tests.Server.Access;

public sealed class FailureCounterTests
{
    private readonly HandClock _clock = new();

    [Test]
    public void TryBegin_MoreThanTheLimit_IsLockedOutUntilTheLastFailureIsForgotten()
    {
        var counter = new FailureCounter(3, TimeSpan.FromMinutes(15), 100, _clock);

        Enumerable.Range(0, 5).Select(_ => counter.TryBegin("alice")).Should().Equal(true, true, true, false, false);
        _clock.Now += TimeSpan.FromMinutes(14);
        counter.TryBegin("Alice").Should().BeFalse("further attempts neither end nor extend the lockout");
        _clock.Now += TimeSpan.FromMinutes(2);
        counter.TryBegin("alice").Should().BeTrue();
    }

    [Test]
    public void TryBegin_ManyAtOnce_LetsNoMoreThanTheLimitPass()
    {
        var counter = new FailureCounter(5, TimeSpan.FromMinutes(15), 100, _clock);

        var passed = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (counter.TryBegin("alice"))
                Interlocked.Increment(ref passed);
        });

        passed.Should().Be(5);
    }

    [Test]
    public void TryBegin_ManyKeys_StaysWithinItsCapacityAndForgetsTheOldestFirst()
    {
        var counter = new FailureCounter(1, TimeSpan.FromHours(1), 100, _clock);

        for (var key = 0; key < 1000; key++)
        {
            counter.TryBegin($"{key}");
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        counter.Count.Should().Be(100);
        counter.TryBegin("999").Should().BeFalse();
        counter.TryBegin("899").Should().BeTrue("the oldest key was removed");
    }

    [Test]
    public void UndoAndForget_AfterASuccess_LeaveEarlierFailuresOrNone()
    {
        var counter = new FailureCounter(2, TimeSpan.FromMinutes(15), 100, _clock);

        counter.TryBegin("office");
        counter.TryBegin("office");
        counter.Undo("office");
        counter.TryBegin("office").Should().BeTrue();
        counter.TryBegin("office").Should().BeFalse();
        counter.Forget("office");
        counter.TryBegin("office").Should().BeTrue();
        counter.Undo("office");
        counter.Count.Should().Be(0);
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
