using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Access;

/// <summary>The keys that are accepted now. A change on this server is effective at once, one on another server or by a command within two seconds.</summary>
/// <remarks>Thread-safe. Only existing keys are cached, so that guessed keys do not fill the memory.</remarks>
internal sealed class ApiKeyDirectory(ApiKeyRepository keys, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    /// <returns>The key of this secret; null when there is none, or it expired, or it was revoked.</returns>
    /// <exception cref="System.Data.Common.DbException">The database did not answer, so the key cannot be checked.</exception>
    public async Task<ApiKey?> FindUsableAsync(ApiKeySecret secret, CancellationToken cancellationToken)
    {
        var hash = secret.Hash;
        var now = clock.GetTimestamp();
        if (!_readings.TryGetValue(hash, out var reading) || clock.GetElapsedTime(reading.ReadAt, now) > MaxAge)
        {
            if (await keys.FindAsync(secret, cancellationToken) is not { } found)
                return null;
            if (_readings.Count >= Capacity)
                _readings.Clear();
            _readings[hash] = reading = new Reading(hash, found, now);
        }

        // The look-up used an index and a hash table, which do not take constant time. But they compare hashes, which an attacker cannot choose.
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(reading.Hash), Encoding.ASCII.GetBytes(hash)) && reading.Key.IsUsable ? reading.Key : null;
    }

    /// <summary>Clears the cache, so that the next request reads again.</summary>
    public void Invalidate() => _readings.Clear();

    private sealed record Reading(string Hash, ApiKey Key, long ReadAt);
}
