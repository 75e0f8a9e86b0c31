using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Cli;

namespace EvalJobs.Tests.Support;

/// <summary>Workers that take queued batches in the queue's order, as Hangfire's do, and record which tenant was served when.</summary>
public sealed class FairWorkers(JobHarness server, int count) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<long> _waiting = new();
    private readonly List<Turn> _turns = [];
    private readonly SemaphoreSlim _taking = new(1);

    /// <summary>The events of all tenants, in order.</summary>
    public IReadOnlyList<Turn> Turns
    {
        get
        {
            lock (_gate)
                return [.. _turns];
        }
    }

    /// <summary>Records that a tenant has work from now on.</summary>
    public void AddWork(Tenant tenant)
    {
        lock (_gate)
            _turns.Add(new Turn(tenant.Id, TurnKind.HasWork));
    }

    /// <returns>How many batches of a tenant were started.</returns>
    public int BatchesOf(Tenant tenant) => Turns.Count(turn => turn.TenantId == tenant.Id && turn.Kind == TurnKind.Begins);

    /// <summary>Works batch after batch until cancelled. Unfinished runs are then released.</summary>
    public Task WorkAsync(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => WorkLaneAsync(stopping), CancellationToken.None)));

    /// <returns>One sentence for each tenant that was served twice while another tenant with work was waiting.</returns>
    /// <remarks>A tenant waits from the moment it has work until its batch begins, and from the end of a batch until its next one begins, if there is one.</remarks>
    public List<string> ServedTwiceWhileAnotherWaited()
    {
        var violations = new List<string>();
        var turns = Turns;
        for (var since = 0; since < turns.Count; since++)
        {
            if (turns[since].Kind == TurnKind.Begins)
                continue;
            var waiting = turns[since].TenantId;
            var until = turns.Skip(since).TakeWhile(turn => turn.TenantId != waiting || turn.Kind != TurnKind.Begins).Count() + since;
            if (until == turns.Count && turns[since].Kind == TurnKind.Ends)
                continue;

            violations.AddRange(turns.Skip(since).Take(until - since)
                .Where(turn => turn.Kind == TurnKind.Begins)
                .GroupBy(turn => turn.TenantId)
                .Where(others => others.Count() > 1)
                .Select(others => $"tenant {others.Key} began {others.Count()} batches while tenant {waiting} waited"));
        }

        return violations;
    }

    public void Dispose() => _taking.Dispose();

    private async Task WorkLaneAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            if (await TakeAsync() is not { } batch)
            {
                await Task.Delay(5, CancellationToken.None);
                continue;
            }

            var kind = TurnKind.Ends;
            try
            {
                var done = await server.Get<TenantBatchJob>().RunAsync(batch.Id, stopping);
                if (done.TenantSlug is null)
                {
                    // Hangfire's queue does not run it again at once either.
                    kind = TurnKind.PutOff;
                    await Task.Delay(20, CancellationToken.None);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                lock (_gate)
                    _turns.Add(new Turn(batch.TenantId, kind));
            }
        }
    }

    private async Task<(long Id, long TenantId)?> TakeAsync()
    {
        // One worker at a time, so the order of the events is the order in which the batches were taken.
        await _taking.WaitAsync();
        try
        {
            foreach (var id in server.Get<InlineTenantBatchQueue>().TakeAll())
                _waiting.Enqueue(id);
            if (!_waiting.TryDequeue(out var batchId))
                return null;

            var tenantId = (await server.Get<DispatchRepository>().GetBatchAsync(batchId, CancellationToken.None)).TenantId;
            lock (_gate)
                _turns.Add(new Turn(tenantId, TurnKind.Begins));
            return (batchId, tenantId);
        }
        finally
        {
            _taking.Release();
        }
    }

}

/// <summary>One event of a tenant.</summary>
public sealed record Turn(long TenantId, TurnKind Kind);

/// <summary>What happens to a tenant.</summary>
public enum TurnKind
{
    /// <summary>It has work.</summary>
    HasWork,

    /// <summary>A worker starts its batch.</summary>
    Begins,

    /// <summary>Its batch has ended; more may follow.</summary>
    Ends,

    /// <summary>A worker took its batch, but the batch was put off and did not begin.</summary>
    PutOff,
}
