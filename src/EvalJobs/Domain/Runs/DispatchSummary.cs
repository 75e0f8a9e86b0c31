namespace EvalJobs.Domain;

/// <summary>What one tick did; also the job's result on the Hangfire dashboard.</summary>
/// <param name="DispatchId">The tick.</param>
/// <param name="RequeuedCount">Runs with an expired lease returned to PENDING.</param>
/// <param name="ExhaustedCount">Runs that ended their process again and again, now FAILED as poison.</param>
/// <param name="AbandonedBatchCount">Batches whose lease expired or whose Hangfire job was gone.</param>
/// <param name="TenantCount">Tenants with due work.</param>
/// <param name="QueuedBatchCount">Batches queued.</param>
internal sealed record DispatchSummary(
    long DispatchId, int RequeuedCount, int ExhaustedCount, int AbandonedBatchCount, int TenantCount, int QueuedBatchCount);
