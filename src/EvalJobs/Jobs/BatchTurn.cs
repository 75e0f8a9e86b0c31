using System.Data.Common;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>
/// The time of a batch at a worker. It ends when others wait and the batch has used <see cref="DispatchOptions.TimeSlice"/>, or its last run got no answer.
/// Safe for concurrent use by the batch's runs.
/// </summary>
internal sealed class BatchTurn(TenantBatch batch, DispatchRepository dispatches, EndpointOutageRepository outages, TimeSpan slice, TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _recordLock = new(1);
    private bool? _isAnswered;

    /// <summary>Cancelled when the batch should take no further run or case.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Checks once a time slice whether others wait.</summary>
    /// <param name="ended">Cancelled when the batch has ended.</param>
    public async Task WatchAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(slice, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                if (await AreOthersWaitingAsync(ended))
                {
                    await _over.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The batch ended before.
        }
    }

    /// <summary>An attempt of the batch got an answer, or ended without any. Stored when it changes: tenants without answers share a part of the workers.</summary>
    public async Task RecordAnswerAsync(bool isAnswered, CancellationToken cancellationToken)
    {
        await _recordLock.WaitAsync(cancellationToken);
        try
        {
            if (_isAnswered == isAnswered)
                return;
            await outages.SetAnsweredAsync(batch.TenantId, isAnswered, cancellationToken);
            _isAnswered = isAnswered;
        }
        finally
        {
            _recordLock.Release();
        }
    }

    /// <returns>Whether the batch should end now.</returns>
    public async Task<bool> IsOverAsync(CancellationToken cancellationToken) =>
        _over.IsCancellationRequested || (_isAnswered == false && await AreOthersWaitingAsync(cancellationToken));

    /// <inheritdoc/>
    public void Dispose()
    {
        _over.Dispose();
        _recordLock.Dispose();
    }

    private async Task<bool> AreOthersWaitingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await dispatches.AreOthersWaitingAsync(batch.Id, cancellationToken);
        }
        catch (DbException error) when (error.IsOutage())
        {
            // The worker of the runs has the same outage and reports it.
            return false;
        }
    }
}
