namespace EvalJobs.Tests.Support;

/// <summary>A monotonic clock that a test moves. To whoever compares the database's clock with it, the database's clock was set the other way.</summary>
public sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _offset);

    /// <summary>What it looks like when the machine's clock is set by so much.</summary>
    public void SetMachine(TimeSpan by) => Interlocked.Add(ref _offset, -(long)(by.TotalSeconds * TimestampFrequency));
}
