using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>A claimed run while this process works it; registered with the <see cref="LeaseKeeper"/> until disposed.</summary>
public sealed class RunHold : IDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly Action<RunHold> _letGo;

    internal RunHold(EvaluationRun claim, Action<RunHold> letGo)
    {
        Claim = claim;
        _letGo = letGo;
    }

    /// <summary>The run as it was claimed: its attempt and owner are the fence.</summary>
    public EvaluationRun Claim { get; }

    /// <summary>Cancelled when the lease is lost: not renewed in time, taken by a rescue, or the run cancelled.</summary>
    public CancellationToken Lost => _lost.Token;

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
