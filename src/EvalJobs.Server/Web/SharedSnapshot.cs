namespace EvalJobs.Server.Web;

/// <summary>A costly reading that many may look at: loaded by one at a time and at most so often, however many ask.</summary>
/// <typeparam name="T">The reading; immutable.</typeparam>
/// <param name="load">Reads the value.</param>
/// <param name="maxAge">Up to this age a reading is as good as new.</param>
/// <param name="maxStaleAge">Up to this age a reading is given while a new one is on its way.</param>
/// <param name="clock">Tells ages.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SharedSnapshot<T>(Func<Task<T>> load, TimeSpan maxAge, TimeSpan maxStaleAge, TimeProvider clock) where T : class
{
    private readonly Lock _gate = new();
    private T? _value;

    // By the clock that nobody can set: sign-outs on other servers are read through this, too. Null when the next reader must wait for a new reading.
    private long? _loadedAt;
    private Task<T>? _loading;
    private int _round;

    /// <returns>A reading no older than <c>maxStaleAge</c>; one older than <c>maxAge</c> is renewed behind the scenes.</returns>
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

    /// <returns>The last reading at once, however old; null when there is none yet. Renews it behind the scenes when it is old.</returns>
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

            // What is being read may have been read before the change.
            _loading = null;
            _round++;
        }
    }

    private TimeSpan Age() => _loadedAt is { } at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;

    private Task<T> StartLoading()
    {
        if (_loading is { IsCompleted: false } running)
            return running;

        // For all who wait, whichever request was first: it does not read from the secondary because the page of that request does, and is no part of their trace.
        using (ExecutionContext.SuppressFlow())
        {
            // Not awaited by everyone: those who wait for a failed reading get its error, and the others try again next time.
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
