using System.Collections.Concurrent;

namespace EvalJobs.Execution.Scoring;

/// <summary>Keeps what is costly to prepare and the same for thousands of cases of a run. Safe for concurrent use.</summary>
/// <remarks>When full it forgets everything: the few scripts or schemas of the running suites are back after one case each.</remarks>
internal sealed class BoundedCache<TValue>(int capacity, Func<string, TValue> prepare)
{
    private readonly ConcurrentDictionary<string, TValue> _entries = new(StringComparer.Ordinal);

    /// <summary>Gives the value prepared from this text; what preparing throws is passed on and not kept.</summary>
    public TValue Get(string text)
    {
        if (_entries.TryGetValue(text, out var known))
            return known;

        var value = prepare(text);
        if (_entries.Count >= capacity)
            _entries.Clear();
        _entries[text] = value;
        return value;
    }
}
