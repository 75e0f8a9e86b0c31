namespace EvalJobs.Tests.Crash;

/// <summary>The crash test depends on this account, so each request without an allowed reason, and each attempt that lost too much, must be reported.</summary>
[Category("Crash")]
public sealed class RepeatAccountTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Run 1: "killed" is killed in second 10, the run is rescued in second 13, "next" completes it.</summary>
    private static readonly RunAttempt[] AfterAKill =
    [
        new() { RunId = 1, Number = 1, Life = "killed", KilledAt = At(10), TakenAt = At(13) },
        new() { RunId = 1, Number = 2, Life = "next" },
    ];

    /// <summary>Run 1: rescued from "late" in second 13, which notices it in second 20. Before that, "next" works the run and completes it.</summary>
    private static readonly RunAttempt[] AfterAPause =
    [
        new() { RunId = 1, Number = 1, Life = "late", TakenAt = At(13), StoppedAt = At(20) },
        new() { RunId = 1, Number = 2, Life = "next" },
    ];

    private readonly List<Ask> _asks = [];
    private readonly HashSet<int> _stored = [];

    [SetUp]
    public void Clear()
    {
        _asks.Clear();
        _stored.Clear();
    }

    [Test]
    public void Of_EachCaseAskedOnce_FindsNothing()
    {
        Asked("killed", 1, "a", stored: true);
        Asked("next", 14, "b", stored: true);

        Account(AfterAKill).Should().BeEquivalentTo(new { Cases = 2, Total = 0, LostInKills = 0, LateProcessRuns = 0 });
    }

    [Test]
    public void Of_NotStoredWhenItsServerWasKilled_IsExcused()
    {
        Asked("killed", 1, "a");
        Asked("next", 14, "a", stored: true);

        Account(AfterAKill).Should().BeEquivalentTo(new { Total = 1, LostInKills = 1, MostLostInOneKill = 1, TakenFromLateProcesses = 0, AskedByLateProcesses = 0 });
    }

    [Test]
    public void Of_NotStoredWhenItsServerLostTheRun_IsExcused()
    {
        Asked("late", 1, "a");
        Asked("next", 14, "a", stored: true);
        Asked("late", 19, "b");
        Asked("next", 19, "b", stored: true);

        Account(AfterAPause).Should().BeEquivalentTo(new { Total = 2, LostInKills = 0, TakenFromLateProcesses = 1, AskedByLateProcesses = 1, LateProcessRuns = 1 });
    }

    [TestCase(19)]
    [TestCase(20.4, Description = "asked before it noticed, received a moment later")]
    public void Of_StoredByTheSuccessorAndAskedByALateProcessBeforeItNoticed_IsExcused(double second)
    {
        Asked("next", 14, "a", stored: true);
        Asked("late", second, "a");

        Account(AfterAPause).Should().BeEquivalentTo(new { Total = 1, TakenFromLateProcesses = 0, AskedByLateProcesses = 1 });
    }

    [Test]
    public void Of_RequestThatArrivesAfterItsServerWasKilled_IsExcused()
    {
        Asked("next", 14, "a", stored: true);
        Asked("killed", 15, "a");

        Account(AfterAKill).Should().BeEquivalentTo(new { Total = 1, LostInKills = 1 });
    }

    [Test]
    public void Of_RunClaimedAgainBeforeTheLossWasNoticed_AssignsEachQuestionToItsAttempt()
    {
        RunAttempt[] attempts =
        [
            new() { RunId = 1, Number = 1, Life = "slow", TakenAt = At(13), StoppedAt = At(16) },
            new() { RunId = 1, Number = 2, Life = "slow" },
        ];
        Asked("slow", 12, "a");
        Asked("slow", 14, "a", stored: true);
        Asked("slow", 15, "b", stored: true);
        Asked("slow", 15, "b");
        Account(attempts).Should().BeEquivalentTo(new { Total = 2, TakenFromLateProcesses = 1, AskedByLateProcesses = 1 });

        Asked("slow", 17, "b");
        Account(attempts, errors: 1).Unexplained.Should().ContainSingle(each => each.Contains("'b': asked by slow at 00:00:17", StringComparison.Ordinal));
    }

    [TestCase("killed")]
    [TestCase("late")]
    public void Of_StoredAndAskedAgainByTheNextAttempt_IsReported(string first)
    {
        Asked(first, 1, "a", stored: true);
        Asked("next", 14, "a");

        Account(first == "killed" ? AfterAKill : AfterAPause, errors: 1).Unexplained.Should().Equal(
            $"run 1, 'a': asked by next at 00:00:14.000, before by [{first} in attempt 1, stored]");
    }

    [TestCase("killed")]
    [TestCase("late")]
    public void Of_StoredAndStoredAgainByTheNextAttempt_IsReported(string first)
    {
        Asked(first, 1, "a", stored: true);
        Asked("next", 14, "a", stored: true);

        Account(first == "killed" ? AfterAKill : AfterAPause, errors: 1);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Of_AskedTwiceInOneAttempt_IsReported(bool stored)
    {
        Asked("late", 1, "a", stored);
        Asked("late", 2, "a");
        Asked("next", 14, "a", stored: !stored);

        Account(AfterAPause, errors: stored ? 2 : 1);
    }

    [Test]
    public void Of_AskedByALateProcessThatHadNoticed_IsReported()
    {
        Asked("next", 14, "a", stored: true);
        Asked("late", 21, "a");

        Account(AfterAPause, errors: 1);
    }

    [Test]
    public void Of_StoredByALateProcessAfterItsRunWasTaken_IsReported()
    {
        Asked("late", 14, "a", stored: true);

        Account(AfterAPause, errors: 1);
    }

    [Test]
    public void Of_AskedByAServerThatNeverHeldTheRun_IsReported()
    {
        Asked("unknown", 5, "a");
        Asked("next", 14, "a", stored: true);

        Account(AfterAKill, errors: 1);
    }

    [Test]
    public void Of_AskedByTheNextAttemptBeforeTheRunWasTaken_IsReported()
    {
        Asked("next", 12, "a", stored: true);

        Account(AfterAKill, errors: 1);
    }

    [Test]
    public void Of_AnswerNeverStoredOfACompletedAttempt_IsReported()
    {
        Asked("next", 14, "a");
        Asked("next", 15, "a", stored: true);

        Account(AfterAKill, errors: 1);
    }

    [TestCase("killed", 0, 0)]
    [TestCase("killed", 1, 1)]
    [TestCase("late", 0, 0)]
    [TestCase("late", 1, 1)]
    public void Of_MoreUnstoredAnswersThanOneAttemptCanHave_IsReported(string first, int beyond, int errors)
    {
        for (var index = 0; index < ServerFarm.UnstoredPerRun + beyond; index++)
        {
            // Requests of a late process after the loss count as well: they belong to the same process.
            Asked(first, first == "late" && index % 2 == 0 ? 19 : 1, $"question {index}");
            Asked("next", 19, $"question {index}", stored: true);
        }

        Account(first == "killed" ? AfterAKill : AfterAPause).Excessive.Should().HaveCount(errors);
    }

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    public void Of_MoreRunsLostInOneKillThanItHasWorkers_IsReported(int beyond, int errors)
    {
        var attempts = Enumerable.Range(1, ServerFarm.Workers + beyond)
            .Select(run => new RunAttempt { RunId = run, Number = 1, Life = "killed", KilledAt = At(10), TakenAt = At(13) });

        Account([.. attempts]).Excessive.Should().HaveCount(errors);
    }

    [Test]
    public void UnstoredPerRun_IsFarBelowTheCasesOfALongRun() =>
        ServerFarm.UnstoredPerRun.Should().BeLessThan(ServerFarm.CasesOfALongRun / 2, "a limit that no run can reach would be useless");

    private static DateTimeOffset At(double second) => Start.AddSeconds(second);

    private void Asked(string life, double second, string input, bool stored = false)
    {
        _asks.Add(new Ask(_asks.Count + 1, "healthy-1", RunId: 1, input, life, At(second)));
        if (stored)
            _stored.Add(_asks.Count);
    }

    private RepeatAccount Account(RunAttempt[] attempts, int errors = 0)
    {
        var account = RepeatAccount.Of(_asks.GroupBy(ask => (ask.RunId, ask.Input)), _stored, attempts);
        account.Unexplained.Should().HaveCount(errors);
        return account;
    }
}
