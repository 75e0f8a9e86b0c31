using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The decision of a gate by a standing, which was read from a database or from a server.</summary>
internal static class GateDecision
{
    /// <returns>Whether the evidence of a requirement does not decide, so that it needs another look.</returns>
    public static bool IsOpen(GateVerdict verdict, int lookCount, long? failedRunId) =>
        verdict == GateVerdict.Inconclusive || failedRunId is not null || lookCount == 0;

    /// <param name="verdict">The verdict of the evidence.</param>
    /// <param name="liveRuns">Runs of required suite revisions that have not ended.</param>
    /// <param name="requirements">For each requirement, the number of looks that count, and the latest ended run if it is FAILED.</param>
    /// <remarks>
    /// A FAILED run says nothing about the version. The gate does not promote the version, and the pipeline gets the answer that nothing was decided.
    /// </remarks>
    public static PipelineVerdict Of(GateVerdict verdict, int liveRuns, IReadOnlyCollection<(int LookCount, long? FailedRunId)> requirements) =>
        liveRuns > 0 || verdict == GateVerdict.Inconclusive || requirements.All(each => each.LookCount == 0) || requirements.Any(each => each.FailedRunId is not null)
            ? PipelineVerdict.Undecided
        : verdict == GateVerdict.Pass ? PipelineVerdict.Pass
        : PipelineVerdict.Fail;
}
