namespace EvalJobs.Domain;

/// <summary>
/// The allowed transitions of an agent version:
/// DRAFT → TESTING → CANDIDATE → APPROVED → DEPRECATED → RETIRED, and back by TESTING → DRAFT and CANDIDATE → DRAFT.
/// TESTING → CANDIDATE needs <see cref="EvalStatus.Pass"/>.
/// </summary>
internal static class VersionLifecycle
{
    /// <returns>The states that may follow; empty for <see cref="LifecycleState.Retired"/>.</returns>
    public static IReadOnlyList<LifecycleState> Next(LifecycleState from) => from switch
    {
        LifecycleState.Draft => [LifecycleState.Testing],
        LifecycleState.Testing => [LifecycleState.Candidate, LifecycleState.Draft],
        LifecycleState.Candidate => [LifecycleState.Approved, LifecycleState.Draft],
        LifecycleState.Approved => [LifecycleState.Deprecated],
        LifecycleState.Deprecated => [LifecycleState.Retired],
        _ => [],
    };

    /// <returns>Why the transition is not allowed, or null when it is allowed.</returns>
    public static string? FindError(LifecycleState from, LifecycleState to, EvalStatus evalStatus)
    {
        if (!Next(from).Contains(to))
        {
            var allowed = Next(from).Count == 0 ? "none: it is final" : string.Join(" or ", Next(from).Select(StoredWord.Of));
            return $"A version cannot go from {StoredWord.Of(from)} to {StoredWord.Of(to)}; allowed from {StoredWord.Of(from)}: {allowed}.";
        }

        if (from == LifecycleState.Testing && to == LifecycleState.Candidate && evalStatus != EvalStatus.Pass)
            return $"TESTING → CANDIDATE needs evalStatus PASS; this version has {StoredWord.Of(evalStatus)}.";

        return null;
    }

    /// <exception cref="ConflictException">The transition is not allowed; the message names the allowed ones.</exception>
    public static void EnsureAllowed(LifecycleState from, LifecycleState to, EvalStatus evalStatus)
    {
        if (FindError(from, to, evalStatus) is { } reason)
            throw new ConflictException(reason);
    }
}
