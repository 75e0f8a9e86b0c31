using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>
/// The allowed transitions of an evaluation run: PENDING → RUNNING → COMPLETED | FAILED | CANCELLED,
/// RUNNING → PENDING when requeued, PENDING → CANCELLED. COMPLETED, FAILED and CANCELLED are final.
/// </summary>
public static class RunLifecycle
{
    /// <returns>The states a run may move to; empty once it ended.</returns>
    public static IReadOnlyList<RunStatus> Next(RunStatus from) => from switch
    {
        RunStatus.Pending => [RunStatus.Running, RunStatus.Cancelled],
        RunStatus.Running => [RunStatus.Completed, RunStatus.Failed, RunStatus.Cancelled, RunStatus.Pending],
        _ => [],
    };

    /// <returns>Whether a run in this state can still change.</returns>
    public static bool IsLive(RunStatus status) => Next(status).Count > 0;

    /// <exception cref="ConflictException">The run has ended; the message says how and when.</exception>
    internal static void EnsureLive(EvaluationRun run)
    {
        if (!IsLive(run.Status))
            throw new ConflictException($"Run {run.Id} has ended: {StateOf(run)}.");
    }

    /// <returns>The state of a run, such as <c>RUNNING</c>, or <c>COMPLETED at 2026-11-30 02:14:09 UTC</c>.</returns>
    internal static string StateOf(EvaluationRun run) => run.CompletedAt is { } ended
        ? string.Create(CultureInfo.InvariantCulture, $"{StoredWord.Of(run.Status)} at {ended.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")
        : StoredWord.Of(run.Status);

    /// <exception cref="ConflictException">The move is not allowed; the message names the allowed ones.</exception>
    public static void EnsureAllowed(RunStatus from, RunStatus to)
    {
        if (Next(from).Contains(to))
            return;

        var allowed = Next(from).Count == 0 ? "none: it has ended" : string.Join(" or ", Next(from).Select(StoredWord.Of));
        throw new ConflictException(
            $"A run cannot go from {StoredWord.Of(from)} to {StoredWord.Of(to)}; allowed from {StoredWord.Of(from)}: {allowed}.");
    }
}
