namespace EvalJobs.Server.Web;

/// <summary>
/// A costly reading that many callers share. It is loaded once at a time and no more often than <c>maxAge</c> allows, whatever the number of callers.
/// </summary>
/// <typeparam name="T">The reading; immutable.</typeparam>
/// <param name="load">Reads the value.</param>
/// <param name="maxAge">Up to this age a reading is returned without a new one.</param>
/// <param name="maxStaleAge">Up to this age a reading is returned while a new one is being loaded.</param>
/// <param name="clock">Measures ages.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SharedSnapshot<T>(Func<Task<T>> load, TimeSpan maxAge, TimeSpan maxStaleAge, TimeProvider clock) where T : class
{
    private readonly Lock _gate = new();
    private T? _value;

    // A timestamp of the monotonic clock, which nobody can set, because sign-outs on other servers are read through this class, too. Null when the
    // next reader must wait for a new reading.
    private long? _loadedAt;
    private Task<T>? _loading;
    private int _round;

    /// <returns>A reading no older than <c>maxStaleAge</c>; one older than <c>maxAge</c> is renewed in the background.</returns>
    public Task<T> GetAsync()
    {
        lock (_gate)
        {
            var age = Age();
            if (_value is { } fresh && age <= maxAge)
                return Task.FromResult(fresh);

            var loading = StartLoading();
            return _value is { } stale && age <= maxStaleAge ? Task.FromResult(stale) : loading;
        }
    }

    /// <returns>The last reading at once, of any age; null when there is none yet. An old one is renewed in the background.</returns>
    public T? Peek()
    {
        lock (_gate)
        {
            if (_value is null || Age() > maxAge)
                _ = StartLoading();
            return _value;
        }
    }

    /// <summary>Makes the next reader wait for a new reading: something has just changed.</summary>
    public void Invalidate()
    {
        lock (_gate)
        {
            _loadedAt = null;

            // The reading in progress may have read the data before the change.
            _loading = null;
            _round++;
        }
    }

    private TimeSpan Age() => _loadedAt is { } at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;

    private Task<T> StartLoading()
    {
        if (_loading is { IsCompleted: false } running)
            return running;

        // The load is for all waiting requests, so the first of them must not affect it: it is no part of that request's trace, and it does not read
        // from the secondary only because that request does.
        using (ExecutionContext.SuppressFlow())
        {
            // Not every caller awaits it. Callers that wait for a failed reading get its error; others try again the next time.
            return _loading = Task.Run(LoadAsync);
        }
    }

    private async Task<T> LoadAsync()
    {
        int round;
        lock (_gate)
            round = _round;

        var value = await load();
        lock (_gate)
        {
            if (round == _round)
                (_value, _loadedAt) = (value, clock.GetTimestamp());
        }

        return value;
    }
}
