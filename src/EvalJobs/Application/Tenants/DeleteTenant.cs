using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Deletes a tenant and all its data permanently; its audit trail stays.</summary>
internal sealed class DeleteTenant(TenantRepository tenants)
{
    /// <returns>What would be deleted. Reads all of it, so it is only for a person's question.</returns>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<TenantRows> PreviewAsync(long tenantId, CancellationToken cancellationToken) => tenants.CountRowsAsync(tenantId, cancellationToken);

    /// <param name="tenantId">The tenant. It is paused and its runs are cancelled first.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="progress">Receives after each step what is deleted so far; null for none.</param>
    /// <param name="cancellationToken">Stops after the current step; another call deletes the rest.</param>
    /// <returns>What this call deleted.</returns>
    /// <exception cref="NotFoundException">There is no such tenant.</exception>
    public Task<TenantRows> ExecuteAsync(long tenantId, string actor, IProgress<TenantRows>? progress, CancellationToken cancellationToken) =>
        tenants.DeleteAsync(tenantId, actor, progress, cancellationToken);
}
