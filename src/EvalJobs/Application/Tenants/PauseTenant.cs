using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Pauses or resumes a tenant, effective before its next run starts. A run in progress is finished.</summary>
internal sealed class PauseTenant(TenantRepository tenants)
{
    /// <param name="tenantId">The tenant.</param>
    /// <param name="isPaused">True to pause it, false to resume it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>False when it was in that state already; then nothing is recorded.</returns>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task<bool> ExecuteAsync(long tenantId, bool isPaused, string actor, CancellationToken cancellationToken) =>
        tenants.SetPausedAsync(tenantId, isPaused, actor, cancellationToken);
}
