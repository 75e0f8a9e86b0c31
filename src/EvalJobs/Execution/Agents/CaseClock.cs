namespace EvalJobs.Execution.Agents;

/// <summary>
/// The time limit of one case. The time runs while the agent works on the question, and is stopped while the question waits for
/// something else: a slot of its endpoint, a rate limit. Safe for concurrent use.
/// </summary>
internal sealed class CaseClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _ended;
    private readonly ITimer _timer;
    private TimeSpan _elapsed;
    private long _runningSince;
    private int _pauses;
    private bool _disposed;

    /// <summary>Starts the clock.</summary>
    /// <param name="limit">The time limit.</param>
    /// <param name="time">What it is measured by.</param>
    /// <param name="cancellationToken">Ends <see cref="Token"/> too, without expiring the clock.</param>
    public CaseClock(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        Limit = limit;
        _time = time;
        _caller = cancellationToken;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _ended.Token;
        _runningSince = time.GetTimestamp();
        _timer = time.CreateTimer(static clock => ((CaseClock)clock!).Expire(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time limit, without pauses.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Cancelled when the time is over, or when the caller cancels.</summary>
    public CancellationToken Token { get; }

    /// <summary>Whether the time is up.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>The time that has passed, pauses not counted.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
                return _pauses > 0 ? _elapsed : _elapsed + _time.GetElapsedTime(_runningSince);
        }
    }

    /// <summary>The last unsuccessful answer before the question was asked again, for the message when no other comes in time. Holds no secret.</summary>
    public string? LastFailure { get; set; }

    /// <summary>Stops the clock until the result is disposed; several pauses may overlap.</summary>
    public IDisposable Pause()
    {
        lock (_lock)
        {
            if (_pauses++ == 0)
            {
                _elapsed += _time.GetElapsedTime(_runningSince);
                SetTimer(Timeout.InfiniteTimeSpan);
            }
        }
        return new PauseEnd(this);
    }

    /// <summary>Waits for work that was given <see cref="Token"/>. Also for work that ignores the token: when the time is over, its result is not awaited.</summary>
    /// <exception cref="TimeoutException">The time was up first.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<T> LimitAsync<T>(Task<T> work)
    {
        try
        {
            return await work.WaitAsync(Token);
        }
        catch (OperationCanceledException) when (IsExpired && !_caller.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
        }
        _ended.Dispose();
    }

    private void Resume()
    {
        lock (_lock)
        {
            if (--_pauses > 0)
                return;
            _runningSince = _time.GetTimestamp();
            SetTimer(Limit > _elapsed ? Limit - _elapsed : TimeSpan.Zero);
        }
    }

    private void SetTimer(TimeSpan due)
    {
        if (!_disposed)
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Expire()
    {
        lock (_lock)
        {
            // The timer may fire at the moment of a pause.
            if (_pauses > 0 || _disposed)
                return;
            IsExpired = true;
        }

        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The case ended between the two lines.
        }
    }

    private sealed class PauseEnd(CaseClock clock) : IDisposable
    {
        private CaseClock? _clock = clock;

        public void Dispose() => Interlocked.Exchange(ref _clock, null)?.Resume();
    }
}
