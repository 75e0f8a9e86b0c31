using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>Reads query values that name a suite, a version or an agent. A missing or invisible one is rejected, because an empty list would look as if it had no runs. One per request.</summary>
internal sealed class QueryReferences(PageRequest request, EvaluationSuiteRepository suites, VersionListRepository versions, TenantRepository tenants)
{
    /// <returns>The suite's id; null when absent or rejected.</returns>
    /// <param name="tenant">The tenant it must belong to; null for any that the viewer sees.</param>
    public async Task<long?> SuiteAsync(Tenant? tenant)
    {
        if (request.QueryNumber("suite") is not { } id)
            return null;
        if (await IsSeenAsync(id, tenant))
            return id;
        request.RejectQuery("suite", $"is not a suite{Of(tenant)}.");
        return null;
    }

    /// <inheritdoc cref="SuiteAsync"/>
    /// <returns>The version's id; null when absent or rejected.</returns>
    public async Task<long?> VersionAsync(Tenant? tenant)
    {
        if (request.QueryNumber("version") is not { } id)
            return null;
        if (await versions.ListAsync([id], request.Aborted) is [var found] && request.Viewer.Sees(found.TenantSlug) && (tenant is null || tenant.Slug == found.TenantSlug))
            return id;
        request.RejectQuery("version", $"is not a version{Of(tenant)}.");
        return null;
    }

    /// <returns>The agent's name; null when absent or rejected.</returns>
    /// <param name="tenant">Whose it is.</param>
    public async Task<string?> AgentAsync(Tenant tenant)
    {
        if (request.Query("agent") is not { } name)
            return null;
        if (await IsAgentAsync(tenant, name))
            return name;
        request.RejectQuery("agent", $"is not an agent{Of(tenant)}.");
        return null;
    }

    /// <returns>Whether the tenant has a version of an agent of this name.</returns>
    public async Task<bool> IsAgentAsync(Tenant tenant, string name) =>
        await versions.ListAsync(new VersionListFilter { TenantIds = [tenant.Id], AgentName = name }, 1, request.Aborted) is [_];

    private async Task<bool> IsSeenAsync(long suiteId, Tenant? tenant)
    {
        try
        {
            var suite = await suites.GetAsync(suiteId, request.Aborted);
            return tenant is null ? request.Viewer.Sees((await tenants.GetAsync(suite.TenantId, request.Aborted)).Slug) : suite.TenantId == tenant.Id;
        }
        catch (NotFoundException)
        {
            return false;
        }
    }

    private static string Of(Tenant? tenant) => tenant is null ? " here" : $" of {tenant.Slug}";
}
