using System.Collections.Concurrent;
using EvalJobs.Data;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Access;

/// <summary>Records when keys were last used. The times are collected in memory and stored once a minute, so that no request waits for this.</summary>
internal sealed class ApiKeyUse(ApiKeyRepository keys, TimeProvider clock, ILogger<ApiKeyUse> logger)
    : PeriodicService(TimeSpan.FromMinutes(1), "The last use of keys could not be stored", logger, clock)
{
    private readonly ConcurrentDictionary<long, bool> _used = new();

    /// <summary>Records that a key was used now.</summary>
    public void Record(long keyId) => _used.TryAdd(keyId, true);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await StoreAsync(cancellationToken);
        }
        catch (Exception error)
        {
            Logger.KeyUseNotStored(error);
        }
    }

    /// <summary>Stores the times recorded since the last call.</summary>
    internal async Task StoreAsync(CancellationToken cancellationToken)
    {
        var used = _used.Keys.ToList();
        if (used.Count == 0)
            return;
        await keys.RecordUseAsync(used, cancellationToken);
        foreach (var id in used)
            _used.TryRemove(id, out _);
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => StoreAsync(stoppingToken);
}
