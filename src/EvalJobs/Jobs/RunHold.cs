using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>A claimed run while this process works it; registered with the <see cref="LeaseKeeper"/> until disposed.</summary>
public sealed class RunHold : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly Action<RunHold> _letGo;
    private long _heldSince;

    internal RunHold(EvaluationRun claim, long heldSince, Action<RunHold> letGo)
    {
        Claim = claim;
        _heldSince = heldSince;
        _letGo = letGo;
    }

    /// <summary>The run as it was claimed: its attempt and owner are the fence.</summary>
    public EvaluationRun Claim { get; }

    /// <summary>Cancelled when the lease is lost: not renewed in time, taken by a rescue, or the run cancelled.</summary>
    public CancellationToken Lost => _lost.Token;

    internal bool IsLost => _lost.IsCancellationRequested;

    /// <summary>
    /// Timestamp of this process's clock before the database was asked for the present lease: the lease cannot lapse there before
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
        _letGo(this);
        _lost.Dispose();
    }

    internal void Lose()
    {
        try
        {
            _lost.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The worker ended the run at the same moment; there is nobody left to tell.
        }
    }
}
