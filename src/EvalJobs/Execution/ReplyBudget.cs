namespace EvalJobs.Execution;

/// <summary>Bounds the memory of replies that wait to be stored, over all runs of the process. Safe for concurrent use.</summary>
/// <remarks>Room is given in order of request. A reply larger than the whole budget gets room when no other reply has any.</remarks>
internal sealed class ReplyBudget(ExecutionOptions options)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _heldBytes;
    private long _maxHeldBytes;

    /// <summary>Bytes of the replies that wait now.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_lock)
                return _heldBytes;
        }
    }

    /// <summary>The most bytes that ever waited at one time.</summary>
    public long MaxHeldBytes
    {
        get
        {
            lock (_lock)
                return _maxHeldBytes;
        }
    }

    /// <summary>Takes room for one reply; waits while there is none.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first; no room is held.</exception>
    public Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            if (_waiters.Count == 0 && HasRoom(bytes))
            {
                Hold(bytes);
                return Task.CompletedTask;
            }

            waiter = new Waiter(bytes);
            _waiters.AddLast(waiter);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>Releases room.</summary>
    public void Return(long bytes)
    {
        List<Waiter> served;
        lock (_lock)
        {
            _heldBytes -= bytes;
            served = ServeWaiters();
        }

        served.ForEach(waiter => waiter.Served.SetResult());
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            await waiter.Served.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            bool wasWaiting;
            List<Waiter> served;
            lock (_lock)
            {
                wasWaiting = _waiters.Remove(waiter);

                // Replies after a large one may fit now.
                served = ServeWaiters();
            }

            served.ForEach(each => each.Served.SetResult());
            if (!wasWaiting)
                Return(waiter.Bytes);
            throw;
        }
    }

    private bool HasRoom(long bytes) => _heldBytes == 0 || _heldBytes + bytes <= options.MaxWaitingReplyBytes;

    private void Hold(long bytes)
    {
        _heldBytes += bytes;
        _maxHeldBytes = Math.Max(_maxHeldBytes, _heldBytes);
    }

    private List<Waiter> ServeWaiters()
    {
        var served = new List<Waiter>();
        while (_waiters.First?.Value is { } first && HasRoom(first.Bytes))
        {
            _waiters.RemoveFirst();
            Hold(first.Bytes);
            served.Add(first);
        }

        return served;
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes => bytes;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
