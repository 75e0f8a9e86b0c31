using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads agent versions for people, without their genomes, which may hold a megabyte each.</summary>
internal sealed class VersionListRepository(EvaluationDatabase database)
{
    /// <returns>A page of versions, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<VersionRow>> ListAsync(VersionListFilter filter, int limit, CancellationToken cancellationToken)
    {
        var ids = await EachTenant.ReadAsync(filter.TenantIds, tenant => database.QueryAsync<long>(
            SqlQuery.ListVersionIds,
            new { TenantId = tenant, filter.AgentName, filter.VersionLabel, filter.ParentVersionId, filter.BeforeId, Limit = limit },
            cancellationToken));
        return await ListAsync(ids.OrderDescending().Take(limit), cancellationToken);
    }

    /// <returns>These versions, newest first; unknown ids are left out.</returns>
    public Task<IReadOnlyList<VersionRow>> ListAsync(IEnumerable<long> versionIds, CancellationToken cancellationToken) =>
        database.QueryAsync<VersionRow>(SqlQuery.ListVersionRows, new { VersionIds = JsonSerializer.Serialize(versionIds) }, cancellationToken);

    /// <returns>The versions this one was derived from, the nearest first, at most <paramref name="limit"/>.</returns>
    public async Task<IReadOnlyList<VersionRow>> ListAncestorsAsync(AgentVersion version, int limit, CancellationToken cancellationToken)
    {
        var ancestors = new List<VersionRow>();
        var next = version.ParentVersionId;
        while (next is { } id && ancestors.Count < limit && await ListAsync([id], cancellationToken) is [var parent])
        {
            ancestors.Add(parent);
            next = parent.ParentVersionId;
        }

        return ancestors;
    }

    /// <returns>The names of a tenant's agents after a name, by name, at most <paramref name="limit"/>; the empty name is before all.</returns>
    public Task<IReadOnlyList<string>> ListAgentsAsync(long tenantId, string afterName, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<string>(SqlQuery.ListAgents, new { TenantId = tenantId, AfterName = afterName, Limit = limit }, cancellationToken);
}

/// <summary>Which versions to list; null means any.</summary>
internal sealed record VersionListFilter
{
    /// <summary>Of these tenants; a few at most.</summary>
    public IReadOnlyCollection<long>? TenantIds { get; init; }

    /// <summary>Of this agent; needs <see cref="TenantIds"/>.</summary>
    public string? AgentName { get; init; }

    /// <summary>With this label; needs <see cref="TenantIds"/>.</summary>
    public string? VersionLabel { get; init; }

    /// <summary>Derived from this version.</summary>
    public long? ParentVersionId { get; init; }

    /// <summary>With smaller ids only: the last id of the page before.</summary>
    public long BeforeId { get; init; } = long.MaxValue;
}

/// <summary>One agent version beside its tenant, for reading.</summary>
internal sealed record VersionRow
{
    /// <inheritdoc cref="AgentVersion.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="AgentVersion.TenantId"/>
    public required long TenantId { get; init; }

    /// <summary>Its tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>Its tenant's name for people.</summary>
    public required string TenantName { get; init; }

    /// <inheritdoc cref="AgentVersion.AgentName"/>
    public required string AgentName { get; init; }

    /// <inheritdoc cref="AgentVersion.VersionLabel"/>
    public required string VersionLabel { get; init; }

    /// <inheritdoc cref="AgentVersion.GenomeHash"/>
    public required string GenomeHash { get; init; }

    /// <inheritdoc cref="AgentVersion.LifecycleState"/>
    public required LifecycleState LifecycleState { get; init; }

    /// <inheritdoc cref="AgentVersion.EvalStatus"/>
    public required EvalStatus EvalStatus { get; init; }

    /// <inheritdoc cref="AgentVersion.ParentVersionId"/>
    public long? ParentVersionId { get; init; }

    /// <inheritdoc cref="AgentVersion.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }
}
