namespace EvalJobs.Jobs;

/// <summary>Lets a run that was worked when processes ended be worked alone in this process. Safe for concurrent use.</summary>
/// <remarks>In order of arrival: while one run waits to be alone, later ones wait, too.</remarks>
internal sealed class IsolationGate
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private int _inside;
    private bool _isOneAlone;

    /// <summary>Waits until the run may be worked.</summary>
    /// <param name="alone">Whether it must be the only run in the process.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A lock; others may enter when it is disposed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public async Task<IDisposable> EnterAsync(bool alone, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(alone);
        lock (_lock)
            _waiters.AddLast(waiter);
        AdmitWaiters();
        try
        {
            await waiter.Admitted.Task.WaitAsync(cancellationToken);
            return new Place(() => Leave(alone));
        }
        catch (OperationCanceledException)
        {
            bool wasWaiting;
            lock (_lock)
                wasWaiting = _waiters.Remove(waiter);
            if (wasWaiting)
                AdmitWaiters();
            else
                Leave(alone);
            throw;
        }
    }

    private void Leave(bool alone)
    {
        lock (_lock)
        {
            _inside--;
            if (alone)
                _isOneAlone = false;
        }

        AdmitWaiters();
    }

    private void AdmitWaiters()
    {
        var admitted = new List<Waiter>();
        lock (_lock)
        {
            while (!_isOneAlone && _waiters.First?.Value is { } first && (!first.IsAlone || _inside == 0))
            {
                _waiters.RemoveFirst();
                _inside++;
                _isOneAlone = first.IsAlone;
                admitted.Add(first);
            }
        }

        admitted.ForEach(waiter => waiter.Admitted.SetResult());
    }

    private sealed record Waiter(bool IsAlone)
    {
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
