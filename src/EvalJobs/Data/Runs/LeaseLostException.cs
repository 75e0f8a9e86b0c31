namespace EvalJobs.Data;

/// <summary>The caller no longer holds the run: its lease expired, or it was cancelled. Nothing was written.</summary>
internal sealed class LeaseLostException(long runId, int attempt)
    : Exception($"Run {runId}, attempt {attempt}: the lease is lost (expired or cancelled); nothing was written.");
