using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Server.Access;

namespace EvalJobs.Server.Dashboard;

/// <summary>Which tenants a list may show to whom.</summary>
internal static class TenantScope
{
    /// <returns>The chosen tenant, or else those that the viewer may see; null means every tenant and the server itself.</returns>
    public static Task<IReadOnlyCollection<long>?> IdsAsync(PageRequest request, Tenant? chosen, TenantRepository tenants) =>
        IdsAsync(request.Viewer, chosen, tenants, request.Aborted);

    /// <inheritdoc cref="IdsAsync(PageRequest, Tenant?, TenantRepository)"/>
    public static async Task<IReadOnlyCollection<long>?> IdsAsync(Viewer viewer, Tenant? chosen, TenantRepository tenants, CancellationToken cancellationToken)
    {
        if (chosen is not null)
            return [chosen.Id];
        if (viewer.Tenants is not { } slugs)
            return null;

        var ids = new List<long>();
        foreach (var slug in slugs.Order(StringComparer.Ordinal))
        {
            if (await FindAsync(slug, tenants, cancellationToken) is { } tenant)
                ids.Add(tenant.Id);
        }

        return ids;
    }

    // A sign-in may name a tenant that does not exist yet; the others are still shown.
    private static async Task<Tenant?> FindAsync(string slug, TenantRepository tenants, CancellationToken cancellationToken)
    {
        try
        {
            return await tenants.FindAsync(slug, cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
