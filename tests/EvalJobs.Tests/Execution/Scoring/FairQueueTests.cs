using EvalJobs.Execution.Scoring.Processes;

namespace EvalJobs.Tests.Execution.Scoring;

public sealed class FairQueueTests
{
    [Test]
    public void TryTake_SeveralTenants_TakesThemInTurns()
    {
        var queue = new FairQueue<string>(maxPerTenant: 10);
        foreach (var work in (string[])["a1", "a2", "a3", "b1", "c1", "c2"])
            queue.Add(work[..1], work);

        Take(queue, 6).Should().Equal("a1", "b1", "c1", "a2", "c2", "a3");
    }

    [Test]
    public void TryTake_TenantHoldsItsShare_SkipsItsOtherWork()
    {
        var turns = 0;
        var queue = new FairQueue<string>(maxPerTenant: 2, () => turns++);
        foreach (var work in (string[])["a1", "a2", "a3", "a4"])
            queue.Add("a", work);
        Take(queue, 4).Should().Equal("a1", "a2");

        queue.Add("b", "b1");

        Take(queue, 4).Should().Equal("b1");
        turns.Should().Be(3);
        queue.Ended("b");
        turns.Should().Be(3, "b has nothing more");
        queue.Ended("a");
        turns.Should().Be(4, "a may continue");
        Take(queue, 4).Should().Equal("a3");
    }

    [Test]
    public void TurnGiven_WorkEndsBeforeTheNextIsTaken_IsReportedForEveryItem()
    {
        var turns = 0;
        var taken = new List<string>();
        var queue = new FairQueue<string>(maxPerTenant: 2, () => turns++);
        foreach (var work in (string[])["a1", "a2", "a3", "a4", "a5"])
            queue.Add("a", work);

        TakeTurns();
        queue.Ended("a");
        queue.Ended("a");
        TakeTurns();
        queue.Ended("a");
        TakeTurns();

        taken.Should().Equal(["a1", "a2", "a3", "a4", "a5"], "work whose turn is not reported would wait without end");

        void TakeTurns()
        {
            for (; turns > 0; turns--)
            {
                queue.TryTake(out _, out var work).Should().BeTrue("a turn is reported once");
                taken.Add(work!);
            }
        }
    }

    [Test]
    public void TryTake_Nothing_IsFalse() => new FairQueue<string>(1).TryTake(out _, out _).Should().BeFalse();

    private static List<string> Take(FairQueue<string> queue, int most)
    {
        var taken = new List<string>();
        while (taken.Count < most && queue.TryTake(out _, out var work))
            taken.Add(work!);
        return taken;
    }
}
