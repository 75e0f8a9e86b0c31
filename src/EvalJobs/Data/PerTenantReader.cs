namespace EvalJobs.Data;

/// <summary>Reads the newest rows of a few tenants, or of all: statements take one tenant, or null for all of them.</summary>
internal static class PerTenantReader
{
    /// <param name="tenantIds">The tenants; null means all, in one reading.</param>
    /// <param name="read">Reads the rows of one tenant, or of all.</param>
    /// <returns>The rows of one tenant after those of another; the caller keeps the newest of them.</returns>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(IReadOnlyCollection<long>? tenantIds, Func<long?, Task<IReadOnlyList<T>>> read)
    {
        if (tenantIds is null)
            return await read(null);

        var rows = new List<T>();
        foreach (var tenant in tenantIds)
            rows.AddRange(await read(tenant));
        return rows;
    }
}
