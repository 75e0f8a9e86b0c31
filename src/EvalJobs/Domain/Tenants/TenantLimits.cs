namespace EvalJobs.Domain;

/// <summary>A tenant's own limits; null means the server's default.</summary>
/// <param name="BatchLimit">Runs per batch, 1 to 1000.</param>
/// <param name="PendingWarningThreshold">Pending runs above which the tenant is in WARNING, 0 or more.</param>
/// <param name="WorkerPool">Worker pool, which is a Hangfire queue: 1 to 50 of a-z, 0-9, '_' and '-'.</param>
public sealed record TenantLimits(int? BatchLimit = null, int? PendingWarningThreshold = null, string? WorkerPool = null)
{
    /// <exception cref="InvalidInputException">A limit is out of range; the message names it.</exception>
    public void Validate()
    {
        if (BatchLimit is < 1 or > 1000)
            throw new InvalidInputException($"BatchLimit ({BatchLimit}) must be from 1 to 1000 runs.") { Field = "batchLimit" };
        if (PendingWarningThreshold is < 0)
            throw new InvalidInputException($"PendingWarningThreshold ({PendingWarningThreshold}) must be 0 or more runs.") { Field = "pendingWarningThreshold" };
        if (WorkerPool is not null)
            ValidatePoolName(WorkerPool);
    }

    /// <summary>Checks that a worker pool's name is a valid Hangfire queue.</summary>
    /// <exception cref="InvalidInputException">Not 1 to 50 of a-z, 0-9, '_' and '-', or the pool of the recurring jobs.</exception>
    public static string ValidatePoolName(string pool) =>
        pool == Tenant.MaintenancePool ? throw new InvalidInputException($"The worker pool '{pool}' is reserved for the recurring jobs.") { Field = "workerPool" }
        : pool is { Length: >= 1 and <= 50 } && pool.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-')
            ? pool
            : throw new InvalidInputException($"The worker pool '{pool}' must be 1 to 50 of a-z, 0-9, '_' and '-'.") { Field = "workerPool" };
}
