using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>What a gate decides by a standing, whether it read it from a database or from a server.</summary>
internal static class GateDecision
{
    /// <returns>Whether the evidence of a requirement does not decide, so that it needs another look.</returns>
    public static bool IsOpen(GateVerdict verdict, int lookCount, long? failedRunId) =>
        verdict == GateVerdict.Inconclusive || failedRunId is not null || lookCount == 0;

    /// <param name="verdict">What the evidence says.</param>
    /// <param name="liveRuns">Runs of what is required that have not ended.</param>
    /// <param name="requirements">Of each requirement the looks that count, and the latest ended run where it is FAILED.</param>
    /// <remarks>A run that FAILED says nothing of the version: the gate keeps it from being promoted, and the pipeline learns that nothing was decided.</remarks>
    public static PipelineVerdict Of(GateVerdict verdict, int liveRuns, IReadOnlyCollection<(int LookCount, long? FailedRunId)> requirements) =>
        liveRuns > 0 || verdict == GateVerdict.Inconclusive || requirements.All(each => each.LookCount == 0) || requirements.Any(each => each.FailedRunId is not null)
            ? PipelineVerdict.Undecided
        : verdict == GateVerdict.Pass ? PipelineVerdict.Pass
        : PipelineVerdict.Fail;
}
