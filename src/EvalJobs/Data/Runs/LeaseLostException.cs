namespace EvalJobs.Data;

/// <summary>The run is not the caller's any more: its lease lapsed, or it was cancelled. Nothing was written.</summary>
internal sealed class LeaseLostException(long runId, int attempt)
    : Exception($"Run {runId}, attempt {attempt}: the lease is lost (lapsed or cancelled); nothing was written.");
