namespace EvalJobs.Domain;

/// <summary>What a tenant batch did with its runs. Claimed = Completed + Failed + Released.</summary>
/// <param name="Claimed">Runs claimed.</param>
/// <param name="Completed">Runs completed, whatever they say of their version.</param>
/// <param name="Failed">Attempts that failed, to be retried or not.</param>
/// <param name="Released">Runs released unfinished, or lost to an expired lease or a cancellation.</param>
internal readonly record struct BatchCounts(int Claimed = 0, int Completed = 0, int Failed = 0, int Released = 0);
