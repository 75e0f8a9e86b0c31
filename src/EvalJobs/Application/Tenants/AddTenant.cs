using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Adds a tenant.</summary>
internal sealed class AddTenant(TenantRepository tenants)
{
    /// <param name="slug">Unique short name: 1 to 63 of a-z, 0-9 and '-'.</param>
    /// <param name="name">Name for people, 1 to 200 characters; null takes the slug.</param>
    /// <param name="limits">The tenant's own limits; null takes the server's.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Adds nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The slug, the name or a limit is not acceptable.</exception>
    /// <exception cref="ConflictException">The slug is taken.</exception>
    public Task<Tenant> ExecuteAsync(string slug, string? name, TenantLimits? limits, string actor, CancellationToken cancellationToken) =>
        tenants.AddAsync(slug, name ?? slug, limits ?? new TenantLimits(), actor, cancellationToken);
}
