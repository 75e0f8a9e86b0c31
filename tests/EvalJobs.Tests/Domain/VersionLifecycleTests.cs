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
    public void EnsureAllowed_EveryPairOfStates_IsAllowedOrRejectedNamingTheAllowedOnes(
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
    public void FindError_TestingToCandidate_NeedsAPass([Values] EvalStatus status)
    {
        var error = VersionLifecycle.FindError(LifecycleState.Testing, LifecycleState.Candidate, status);

        if (status == EvalStatus.Pass)
            error.Should().BeNull();
        else
            error.Should().Contain("PASS").And.Contain(StoredWord.Of(status), "the reader must see what the version has instead");
    }

    [Test]
    public void FindError_EveryOtherAllowedTransition_NeedsNoPass([Values] LifecycleState from, [Values] EvalStatus status)
    {
        foreach (var to in Allowed[from].Where(to => (from, to) != (LifecycleState.Testing, LifecycleState.Candidate)))
            VersionLifecycle.FindError(from, to, status).Should().BeNull("only the promotion out of TESTING is gated");
    }

    [Test]
    public void FindError_ForbiddenTransition_IsRejectedForTheTransitionItself([Values] EvalStatus status) =>
        VersionLifecycle.FindError(LifecycleState.Draft, LifecycleState.Candidate, status)
            .Should().Be("A version cannot go from DRAFT to CANDIDATE; allowed from DRAFT: TESTING.");
}
