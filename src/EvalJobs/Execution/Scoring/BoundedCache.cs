using System.Collections.Concurrent;

namespace EvalJobs.Execution.Scoring;

/// <summary>Keeps what is costly to prepare and the same for thousands of cases of a run. Safe for concurrent use.</summary>
/// <remarks>When full it is cleared: the few scripts or schemas of the running suites return after one case each.</remarks>
internal sealed class BoundedCache<TKey, TValue>(int capacity, Func<TKey, TValue> prepare) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _entries = new();

    /// <summary>Gives the value prepared from this key; exceptions are passed on and not cached.</summary>
    public TValue Get(TKey key)
    {
        if (_entries.TryGetValue(key, out var known))
            return known;

        var value = prepare(key);
        if (_entries.Count >= capacity)
            _entries.Clear();
        _entries[key] = value;
        return value;
    }
}
