using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Changes a tenant's own limits and worker pool, effective at its next batch.</summary>
internal sealed class SetTenantLimits(TenantRepository tenants)
{
    /// <param name="tenantId">The tenant.</param>
    /// <param name="change">Makes the new limits from the current ones; what it does not set stays unchanged.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The tenant with its new limits.</returns>
    /// <exception cref="InvalidInputException">A limit is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public async Task<Tenant> ExecuteAsync(long tenantId, Func<TenantLimits, TenantLimits> change, string actor, CancellationToken cancellationToken)
    {
        var present = await tenants.GetAsync(tenantId, cancellationToken);
        var limits = change(new TenantLimits(present.BatchLimit, present.PendingWarningThreshold, present.WorkerPool));
        await tenants.SetLimitsAsync(tenantId, limits, actor, cancellationToken);
        return await tenants.GetAsync(tenantId, cancellationToken);
    }
}
