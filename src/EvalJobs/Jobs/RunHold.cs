using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>A claimed run while this process works it; registered in <see cref="LeaseRegistry"/> until disposed.</summary>
internal sealed class RunHold : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly Action<RunHold> _release;
    private long _heldSince;

    internal RunHold(EvaluationRun claim, long heldSince, Action<RunHold> release)
    {
        Claim = claim;
        _heldSince = heldSince;
        _release = release;
    }

    /// <summary>The run as it was claimed: its attempt and owner are the fence.</summary>
    public EvaluationRun Claim { get; }

    /// <summary>Cancelled when the lease is lost: it was not renewed in time, the run was rescued, or the run was cancelled.</summary>
    public CancellationToken Lost => _lost.Token;

    internal bool IsLost => _lost.IsCancellationRequested;

    /// <summary>
    /// Timestamp of this process's clock before the current lease was requested from the database: the lease cannot expire there before
    /// one lease has passed here since.
    /// </summary>
    internal long HeldSince
    {
        get => Interlocked.Read(ref _heldSince);
        set => Interlocked.Exchange(ref _heldSince, value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _release(this);
        _lost.Dispose();
    }

    internal void MarkLost()
    {
        try
        {
            _lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The worker ended the run at the same time.
        }
    }
}
