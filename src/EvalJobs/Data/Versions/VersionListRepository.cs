using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Reads agent versions for people, without their genomes, which may hold a megabyte each.</summary>
internal sealed class VersionListRepository(EvaluationDatabase database)
{
    /// <summary>Versions read at most for one page of a filter by state, for each requested tenant.</summary>
    public const int MaxScanned = 5000;

    /// <returns>A page of versions, newest first, and where the next page begins.</returns>
    /// <remarks>With a filter by state or evaluation, a page has the matches among <see cref="MaxScanned"/> versions: it may have fewer than <paramref name="limit"/>, or none, and still be followed by another page.</remarks>
    public async Task<VersionRows> ListPageAsync(VersionListFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (filter is { LifecycleState: null, EvalStatus: null })
        {
            var rows = await ListAsync(filter, limit + 1, cancellationToken);
            return new VersionRows([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Id : null);
        }

        var scanned = await PerTenantReader.ReadAsync(filter.TenantIds, async tenant => (IReadOnlyList<IReadOnlyList<long>>)[await ListIdsAsync(filter, tenant, MaxScanned, cancellationToken)]);

        // If a tenant has more versions than were read, nothing is known about those below the last of them.
        var end = scanned.Where(ids => ids.Count == MaxScanned).Select(ids => ids[^1]).DefaultIfEmpty(0).Max();
        var found = await database.QueryAsync<long>(
            SqlQuery.FilterVersionIds,
            new
            {
                VersionIds = JsonSerializer.Serialize(scanned.SelectMany(ids => ids).Where(id => id >= end)),
                LifecycleState = filter.LifecycleState is { } state ? StoredWord.Of(state) : null,
                EvalStatus = filter.EvalStatus is { } status ? StoredWord.Of(status) : null,
                filter.SuiteId,
                Limit = limit + 1,
            },
            cancellationToken);
        return new VersionRows(await ListAsync(found.Take(limit), cancellationToken), found.Count > limit ? found[limit - 1] : end > 0 ? end : null);
    }

    /// <returns>A page of versions, newest first, whatever their state; empty after the last.</returns>
    public async Task<IReadOnlyList<VersionRow>> ListAsync(VersionListFilter filter, int limit, CancellationToken cancellationToken)
    {
        var ids = await PerTenantReader.ReadAsync(filter.TenantIds, tenant => ListIdsAsync(filter, tenant, limit, cancellationToken));
        return await ListAsync(ids.OrderDescending().Take(limit), cancellationToken);
    }

    private Task<IReadOnlyList<long>> ListIdsAsync(VersionListFilter filter, long? tenant, int limit, CancellationToken cancellationToken) => database.QueryAsync<long>(
        SqlQuery.ListVersionIds,
        new { TenantId = tenant, filter.AgentName, filter.VersionLabel, filter.ParentVersionId, filter.BeforeId, Limit = limit },
        cancellationToken);

    /// <returns>These versions, newest first; unknown ids are left out.</returns>
    public Task<IReadOnlyList<VersionRow>> ListAsync(IEnumerable<long> versionIds, CancellationToken cancellationToken) =>
        database.QueryAsync<VersionRow>(SqlQuery.ListVersionRows, new { VersionIds = JsonSerializer.Serialize(versionIds) }, cancellationToken);

    /// <returns>The names of a tenant's newest versions, newest first, at most <paramref name="limit"/>.</returns>
    public Task<IReadOnlyList<VersionName>> ListNamesAsync(long tenantId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<VersionName>(SqlQuery.ListVersionNames, new { TenantId = tenantId, Limit = limit }, cancellationToken);

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

    /// <summary>In this state; for <see cref="VersionListRepository.ListPageAsync"/>.</summary>
    public LifecycleState? LifecycleState { get; init; }

    /// <summary>With this evaluation status: by the requirements of the version, or by its latest run of <see cref="SuiteId"/>; for <see cref="VersionListRepository.ListPageAsync"/>.</summary>
    public EvalStatus? EvalStatus { get; init; }

    /// <summary>The suite that <see cref="EvalStatus"/> is of.</summary>
    public long? SuiteId { get; init; }

    /// <summary>With smaller ids only: the last id of the previous page.</summary>
    public long BeforeId { get; init; } = long.MaxValue;
}

/// <summary>A page of a list of versions.</summary>
/// <param name="Versions">The versions, newest first.</param>
/// <param name="NextBeforeId">The <see cref="VersionListFilter.BeforeId"/> of the next page; null after the last.</param>
internal sealed record VersionRows(IReadOnlyList<VersionRow> Versions, long? NextBeforeId);

/// <summary>The names of an agent version.</summary>
internal sealed record VersionName
{
    /// <inheritdoc cref="AgentVersion.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="AgentVersion.AgentName"/>
    public required string AgentName { get; init; }

    /// <inheritdoc cref="AgentVersion.VersionLabel"/>
    public required string VersionLabel { get; init; }
}

/// <summary>One agent version with its tenant, for reading.</summary>
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

    /// <summary>The agent of the version it was derived from; null when there is none.</summary>
    public string? ParentAgentName { get; init; }

    /// <summary>The label of that version.</summary>
    public string? ParentVersionLabel { get; init; }

    /// <inheritdoc cref="AgentVersion.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }
}
