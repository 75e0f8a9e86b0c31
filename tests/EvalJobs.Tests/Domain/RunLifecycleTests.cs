using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class RunLifecycleTests
{
    private static readonly Dictionary<RunStatus, RunStatus[]> Allowed = new()
    {
        [RunStatus.Pending] = [RunStatus.Running, RunStatus.Cancelled],
        [RunStatus.Running] = [RunStatus.Completed, RunStatus.Failed, RunStatus.Cancelled, RunStatus.Pending],
        [RunStatus.Completed] = [],
        [RunStatus.Failed] = [],
        [RunStatus.Cancelled] = [],
    };

    [Test]
    public void EnsureAllowed_EveryPairOfStates_IsAllowedOrRejectedNamingTheAllowedOnes([Values] RunStatus from, [Values] RunStatus to)
    {
        var move = () => RunLifecycle.EnsureAllowed(from, to);

        if (Allowed[from].Contains(to))
            move.Should().NotThrow();
        else
            move.Should().Throw<ConflictException>().Which.Message.Should()
                .Contain($"from {StoredWord.Of(from)} to {StoredWord.Of(to)}")
                .And.EndWith(Allowed[from] is []
                    ? "none: it has ended."
                    : $": {string.Join(" or ", Allowed[from].Select(StoredWord.Of))}.");
    }

    [Test]
    public void IsLive_OnlyPendingAndRunning_CanStillChange([Values] RunStatus status) =>
        RunLifecycle.IsLive(status).Should().Be(status is RunStatus.Pending or RunStatus.Running);
}
