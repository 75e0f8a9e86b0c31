using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Finds tenants, versions, suites and cases by a text. It uses LIKE on a bounded number of rows: no index is needed, and both databases give the same result.</summary>
internal sealed class SearchRepository(EvaluationDatabase database, VersionListRepository versions)
{
    /// <summary>Rows read at most to find a version, a suite or a case, for each tenant asked about: the newest.</summary>
    public const int MaxScanned = 20_000;

    private const int PreviewLength = 300;

    /// <returns>Tenants whose short name or name holds the text, by slug.</returns>
    public Task<IReadOnlyList<Tenant>> FindTenantsAsync(string text, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.SearchTenants, new { Pattern = SearchPattern.Of(text), Limit = limit }, cancellationToken);

    /// <returns>Versions whose agent and label hold the text, newest first.</returns>
    /// <param name="text">What is looked for.</param>
    /// <param name="tenantIds">Of these tenants, a few at most; null means all.</param>
    /// <param name="limit">Versions at most.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<VersionRow>> FindVersionsAsync(string text, IReadOnlyCollection<long>? tenantIds, int limit, CancellationToken cancellationToken)
    {
        var found = await PerTenantReader.ReadAsync(tenantIds, tenant => database.QueryAsync<long>(
            SqlQuery.SearchVersions, new { TenantId = tenant, Pattern = SearchPattern.Of(text), Scan = MaxScanned, Limit = limit }, cancellationToken));
        return await versions.ListAsync(found.OrderDescending().Take(limit), cancellationToken);
    }

    /// <inheritdoc cref="FindVersionsAsync"/>
    /// <returns>Suites whose name, description or tags hold the text, newest first.</returns>
    public async Task<IReadOnlyList<FoundSuite>> FindSuitesAsync(string text, IReadOnlyCollection<long>? tenantIds, int limit, CancellationToken cancellationToken)
    {
        var found = await PerTenantReader.ReadAsync(tenantIds, tenant => database.QueryAsync<FoundSuite>(
            SqlQuery.SearchSuites, new { TenantId = tenant, Pattern = SearchPattern.Of(text), Scan = MaxScanned, Limit = limit }, cancellationToken));
        return [.. found.OrderByDescending(suite => suite.Id).Take(limit)];
    }

    /// <inheritdoc cref="FindVersionsAsync"/>
    /// <returns>Cases of suites as they are now whose key, title, input or expected output holds the text; those of the newest suite first.</returns>
    public async Task<IReadOnlyList<FoundCase>> FindCasesAsync(string text, IReadOnlyCollection<long>? tenantIds, int limit, CancellationToken cancellationToken)
    {
        var found = await PerTenantReader.ReadAsync(tenantIds, tenant => database.QueryAsync<FoundCase>(
            SqlQuery.SearchCases, new { TenantId = tenant, Pattern = SearchPattern.Of(text), Scan = MaxScanned, PreviewLength, Limit = limit }, cancellationToken));
        return [.. found.OrderByDescending(each => each.SuiteId).ThenBy(each => each.Ordinal).Take(limit)];
    }
}

/// <summary>A text as a pattern of LIKE that finds it anywhere.</summary>
internal static class SearchPattern
{
    /// <summary>Characters of a text at most; the rest is ignored.</summary>
    public const int MaxLength = 200;

    /// <returns>The pattern; wildcards of LIKE are escaped.</returns>
    public static string Of(string text)
    {
        var pattern = new System.Text.StringBuilder("%");
        foreach (var each in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            if (each is '%' or '_' or '[' or '\\')
                pattern.Append('\\');
            pattern.Append(each);
        }

        return pattern.Append('%').ToString();
    }
}

/// <summary>A suite that a search found.</summary>
internal sealed record FoundSuite
{
    /// <inheritdoc cref="EvaluationSuite.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="EvaluationSuite.Name"/>
    public required string Name { get; init; }

    /// <summary>Its tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>Its tenant's name for people.</summary>
    public required string TenantName { get; init; }
}

/// <summary>A case that a search found.</summary>
internal sealed record FoundCase
{
    /// <summary>Its suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its suite's name.</summary>
    public required string SuiteName { get; init; }

    /// <summary>Its tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>Its tenant's name for people.</summary>
    public required string TenantName { get; init; }

    /// <inheritdoc cref="TestCase.Ordinal"/>
    public required int Ordinal { get; init; }

    /// <inheritdoc cref="TestCase.CaseKey"/>
    public required string CaseKey { get; init; }

    /// <inheritdoc cref="TestCase.Name"/>
    public required string Name { get; init; }

    /// <summary>The beginning of its input.</summary>
    public required string Input { get; init; }
}
