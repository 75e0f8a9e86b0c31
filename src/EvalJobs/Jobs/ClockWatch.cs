using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Notices when the database's clock is set, by comparing each reading with the time that has passed since the previous one.</summary>
/// <remarks>Safe for concurrent use. The less often it is read, the later it notices.</remarks>
internal sealed class ClockWatch(TenantHealthRepository health, TimeProvider time)
{
    /// <summary>Smaller corrections of clocks are normal.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private (DateTimeOffset Now, long Before, long After)? _last;
    private TimeSpan _setBy;
    private long? _setForwardAt;

    /// <returns>The database's clock, and by how much it was set since it was first read here.</returns>
    public async Task<ClockReading> ReadAsync(CancellationToken cancellationToken)
    {
        var before = time.GetTimestamp();
        var now = await health.ReadClockAsync(cancellationToken);
        var after = time.GetTimestamp();
        lock (_lock)
        {
            var step = TimeSpan.Zero;
            if (_last is { } last)
            {
                // Both readings happened at some moment between request and answer.
                var earliest = last.Now + time.GetElapsedTime(last.After, before);
                var latest = last.Now + time.GetElapsedTime(last.Before, after);
                step = now < earliest - Tolerance ? now - earliest : now > latest + Tolerance ? now - latest : TimeSpan.Zero;
            }

            _last = (now, before, after);
            _setBy += step;
            if (step > TimeSpan.Zero)
                _setForwardAt = after;
            return new ClockReading(now, _setBy);
        }
    }

    /// <returns>Whether the clock was set forward so recently that running processes may not have renewed their leases since. An expired lease then means nothing.</returns>
    /// <param name="lease">How long a lease holds; each is renewed several times within it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<bool> WasSetForwardWithinAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        lock (_lock)
            return _setForwardAt is { } moment && time.GetElapsedTime(moment) < lease;
    }
}

/// <summary>One reading of the database's clock.</summary>
/// <param name="Now">UTC.</param>
/// <param name="SetBy">By how much it was set in total since the first reading; negative when it was set back. A sum, so that no reader misses a change.</param>
internal readonly record struct ClockReading(DateTimeOffset Now, TimeSpan SetBy);
