using System.Collections.Concurrent;

namespace EvalJobs.Execution.Telemetry;

/// <summary>Names tenants in metrics, and no more than a fixed number of them: every name costs a series where the metrics are stored.</summary>
/// <remarks>Safe for concurrent use. The first tenants keep their names until the process ends.</remarks>
internal sealed class TenantTags(int maxTenants)
{
    /// <summary>The tenants without a name. No slug can contain a bracket.</summary>
    public const string Other = "(other)";

    private readonly ConcurrentDictionary<string, bool> _named = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <returns>The slug, or <see cref="Other"/> when all names are in use.</returns>
    public string Of(string slug)
    {
        if (_named.ContainsKey(slug))
            return slug;

        lock (_gate)
            return _named.Count < maxTenants && _named.TryAdd(slug, true) || _named.ContainsKey(slug) ? slug : Other;
    }
}
