namespace EvalJobs.Server.Access;

/// <summary>Counts failures by key and locks a key out after too many. Thread-safe.</summary>
/// <param name="limit">Failures after which the key is locked out.</param>
/// <param name="memory">How long a failure counts, and therefore how long a lock-out lasts after the last failure.</param>
/// <param name="capacity">Keys stored at most. The key that would expire first is removed for a new one.</param>
/// <param name="clock">Measures how long ago a failure was.</param>
internal sealed class FailureCounter(int limit, TimeSpan memory, int capacity, TimeProvider clock)
{
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();

    /// <summary>The number of stored keys.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _keys.Count;
        }
    }

    /// <summary>
    /// Counts an attempt as a failure until <see cref="Forget"/> or <see cref="Undo"/> is called, so that the limit also holds for attempts at the
    /// same time.
    /// </summary>
    /// <returns>False when the key is locked out. That attempt is not counted: more attempts do not prolong the lock-out.</returns>
    public bool TryBegin(string key)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var failures = _keys.TryGetValue(key, out var known) && known.Until > now ? known.Failures : 0;
            if (failures >= limit)
                return false;
            if (_keys.Count >= capacity && !_keys.ContainsKey(key))
                MakeRoom(now);
            _keys[key] = (failures + 1, now + memory);
            return true;
        }
    }

    /// <summary>Removes the key's failures.</summary>
    public void Forget(string key)
    {
        lock (_lock)
            _keys.Remove(key);
    }

    /// <summary>Removes only the last attempt, which was not a failure. Earlier failures still count.</summary>
    public void Undo(string key)
    {
        lock (_lock)
        {
            if (!_keys.TryGetValue(key, out var known))
                return;
            if (known.Failures <= 1)
                _keys.Remove(key);
            else
                _keys[key] = known with { Failures = known.Failures - 1 };
        }
    }

    // The entry that would expire first is removed first.
    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, _) in _keys.Where(entry => entry.Value.Until <= now).ToList())
            _keys.Remove(key);
        if (_keys.Count >= capacity)
            _keys.Remove(_keys.MinBy(entry => entry.Value.Until).Key);
    }
}
