using EvalJobs.Execution.Telemetry;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// The requests that may be under way at once to each endpoint (<see cref="AgentOptions.MaxConcurrencyPerEndpoint"/>), shared fairly among
/// tenants: a free slot goes to the waiting tenant that holds the fewest, among equals to the one whose last slot is longest ago. So
/// tenants whose agents hang use only their share of an endpoint as soon as another tenant needs a slot. Safe for concurrent use.
/// </summary>
internal sealed class EndpointSlots(AgentOptions options, EvaluationMetrics? metrics = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Endpoint> _endpoints = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a slot; waits while all are in use.</summary>
    /// <param name="endpoint">Host and port.</param>
    /// <param name="tenant">Whose request it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The slot, released when it is disposed.</returns>
    public ValueTask<IDisposable> AcquireAsync(string endpoint, string tenant, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            var slots = _endpoints.TryGetValue(endpoint, out var known) ? known : _endpoints[endpoint] = new Endpoint();
            var line = slots.LineOf(tenant);

            // No request waits while a slot is free, because every released slot goes to a waiting request at once.
            if (slots.InUse < options.MaxConcurrencyPerEndpoint)
            {
                slots.Assign(line);
                return ValueTask.FromResult<IDisposable>(new Slot(this, endpoint, slots, line));
            }
            waiter = new Waiter();
            waiter.Place = line.Waiting.AddLast(waiter);
            slots.WaitingCount++;
        }
        return WaitAsync(waiter, endpoint, tenant, cancellationToken);
    }

    /// <returns>The requests of a tenant that wait for a slot now, by endpoint; empty when none does.</returns>
    public IReadOnlyDictionary<string, int> WaitingOf(string tenant)
    {
        lock (_lock)
        {
            return _endpoints
                .Select(entry => (entry.Key, Count: entry.Value.Lines.TryGetValue(tenant, out var line) ? line.Waiting.Count : 0))
                .Where(entry => entry.Count > 0)
                .ToDictionary(entry => entry.Key, entry => entry.Count, StringComparer.OrdinalIgnoreCase);
        }
    }

    private async ValueTask<IDisposable> WaitAsync(Waiter waiter, string endpoint, string tenant, CancellationToken cancellationToken)
    {
        metrics?.SlotWaitBegan(tenant);
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(_ => Leave(waiter, endpoint, tenant, cancellationToken), null);
            var (slots, line) = await waiter.Turn.Task;
            return new Slot(this, endpoint, slots, line);
        }
        finally
        {
            metrics?.SlotWaitEnded(tenant);
        }
    }

    private void Leave(Waiter waiter, string endpoint, string tenant, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // It may have got the slot at the same time; then it releases it like any other.
            if (waiter.Place is not { List: { } line } place)
                return;
            line.Remove(place);
            waiter.Place = null;
            _endpoints[endpoint].WaitingCount--;
            _endpoints[endpoint].ForgetIfIdle(tenant);
        }
        waiter.Turn.TrySetCanceled(cancellationToken);
    }

    private void Release(string endpoint, Endpoint slots, TenantLine line)
    {
        lock (_lock)
        {
            slots.InUse--;
            line.InUse--;
            if (slots.WaitingCount > 0 && slots.Next() is { } next)
            {
                var waiter = next.Waiting.First!.Value;
                next.Waiting.RemoveFirst();
                slots.WaitingCount--;
                waiter.Place = null;
                slots.Assign(next);
                waiter.Turn.TrySetResult((slots, next));
            }
            slots.ForgetIfIdle(line.Tenant);
            if (slots.Lines.Count == 0)
                _endpoints.Remove(endpoint);
        }
    }

    private sealed class Endpoint
    {
        private long _turns;

        public int InUse { get; set; }

        /// <summary>Requests that wait, in all lines.</summary>
        public int WaitingCount { get; set; }

        public Dictionary<string, TenantLine> Lines { get; } = new(StringComparer.Ordinal);

        public TenantLine LineOf(string tenant) => Lines.TryGetValue(tenant, out var line) ? line : Lines[tenant] = new TenantLine(tenant);

        public void Assign(TenantLine line)
        {
            InUse++;
            line.InUse++;
            line.LastTurn = ++_turns;
        }

        public TenantLine? Next() => Lines.Values.Where(line => line.Waiting.Count > 0).MinBy(line => (line.InUse, line.LastTurn));

        public void ForgetIfIdle(string tenant)
        {
            if (Lines.TryGetValue(tenant, out var line) && line.InUse == 0 && line.Waiting.Count == 0)
                Lines.Remove(tenant);
        }
    }

    private sealed class TenantLine(string tenant)
    {
        public string Tenant { get; } = tenant;
        public int InUse { get; set; }
        public long LastTurn { get; set; }
        public LinkedList<Waiter> Waiting { get; } = [];
    }

    private sealed class Waiter
    {
        // The one that gives a slot back must not run the next request's code while it holds the lock.
        public TaskCompletionSource<(Endpoint Slots, TenantLine Line)> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public LinkedListNode<Waiter>? Place { get; set; }
    }

    private sealed class Slot(EndpointSlots owner, string endpoint, Endpoint slots, TenantLine line) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
                owner.Release(endpoint, slots, line);
        }
    }
}
