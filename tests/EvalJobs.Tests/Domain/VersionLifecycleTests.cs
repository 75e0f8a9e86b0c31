using EvalJobs.Domain;

namespace EvalJobs.Tests.Domain;

public sealed class VersionLifecycleTests
{
    private static readonly Dictionary<LifecycleState, LifecycleState[]> Allowed = new()
    {
        [LifecycleState.Draft] = [LifecycleState.Testing],
        [LifecycleState.Testing] = [LifecycleState.Candidate, LifecycleState.Draft],
        [LifecycleState.Candidate] = [LifecycleState.Approved, LifecycleState.Draft],
        [LifecycleState.Approved] = [LifecycleState.Deprecated],
        [LifecycleState.Deprecated] = [LifecycleState.Retired],
        [LifecycleState.Retired] = [],
    };

    [Test]
    public void EnsureAllowed_EveryPairOfStates_IsAllowedOrRefusedNamingTheAllowedOnes(
        [Values] LifecycleState from, [Values] LifecycleState to)
    {
        var move = () => VersionLifecycle.EnsureAllowed(from, to, EvalStatus.Pass);

        if (Allowed[from].Contains(to))
            move.Should().NotThrow();
        else
            move.Should().Throw<ConflictException>().Which.Message.Should()
                .Contain($"from {StoredWord.Of(from)} to {StoredWord.Of(to)}")
                .And.EndWith(from == LifecycleState.Retired
                    ? "none: it is final."
                    : $": {string.Join(" or ", Allowed[from].Select(StoredWord.Of))}.");
    }

    [Test]
    public void Refusal_TestingToCandidate_NeedsAPass([Values] EvalStatus status)
    {
        var refusal = VersionLifecycle.Refusal(LifecycleState.Testing, LifecycleState.Candidate, status);

        if (status == EvalStatus.Pass)
            refusal.Should().BeNull();
        else
            refusal.Should().Contain("PASS").And.Contain(StoredWord.Of(status), "the reader must see what the version has instead");
    }

    [Test]
    public void Refusal_EveryOtherAllowedMove_DoesNotAskForAPass([Values] LifecycleState from, [Values] EvalStatus status)
    {
        foreach (var to in Allowed[from].Where(to => (from, to) != (LifecycleState.Testing, LifecycleState.Candidate)))
            VersionLifecycle.Refusal(from, to, status).Should().BeNull("only the promotion out of TESTING is gated");
    }

    [Test]
    public void Refusal_ForbiddenMove_IsRefusedForTheMoveItself([Values] EvalStatus status) =>
        VersionLifecycle.Refusal(LifecycleState.Draft, LifecycleState.Candidate, status)
            .Should().Be("A version cannot go from DRAFT to CANDIDATE; allowed from DRAFT: TESTING.");
}
