namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>A queue of work that serves tenants in turn; one tenant has a limited number of pieces in progress. Safe for concurrent use.</summary>
/// <param name="maxPerTenant">Pieces of one tenant under way at most.</param>
/// <param name="turnGiven">
/// Called for each piece of work that may begin, once, when it may: as often as <see cref="TryTake"/> can succeed. Must not wait, and must not call the queue.
/// </param>
internal sealed class FairQueue<TWork>(int maxPerTenant, Action? turnGiven = null) where TWork : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);

    // The tenants that wait and may begin, in the order of their turns.
    private readonly LinkedList<Tenant> _turns = new();

    /// <summary>Adds work at the end of its tenant's line.</summary>
    public void Add(string tenant, TWork work)
    {
        lock (_lock)
        {
            if (!_tenants.TryGetValue(tenant, out var line))
                _tenants[tenant] = line = new Tenant(tenant);
            line.Waiting.Enqueue(work);
            GiveTurn(line);
        }
    }

    /// <summary>Takes the next tenant's next work. The caller calls <see cref="Ended"/> afterwards.</summary>
    public bool TryTake(out string tenant, out TWork? work)
    {
        lock (_lock)
        {
            if (_turns.First is not { Value: var line })
            {
                (tenant, work) = ("", null);
                return false;
            }
            _turns.RemoveFirst();
            line.HasTurn = false;
            (tenant, work) = (line.Name, line.Waiting.Dequeue());
            line.Running++;
            GiveTurn(line);
            return true;
        }
    }

    /// <summary>One piece of the tenant's work has ended: the tenant may begin another one.</summary>
    public void Ended(string tenant)
    {
        lock (_lock)
        {
            var line = _tenants[tenant];
            line.Running--;
            if (line.Running == 0 && line.Waiting.Count == 0)
                _tenants.Remove(tenant);
            GiveTurn(line);
        }
    }

    private void GiveTurn(Tenant line)
    {
        if (line.HasTurn || line.Waiting.Count == 0 || line.Running >= maxPerTenant)
            return;
        line.HasTurn = true;
        _turns.AddLast(line);
        turnGiven?.Invoke();
    }

    private sealed class Tenant(string name)
    {
        public string Name { get; } = name;

        public Queue<TWork> Waiting { get; } = new();

        public int Running { get; set; }

        public bool HasTurn { get; set; }
    }
}
