namespace EvalJobs.Tests.Support;

/// <summary>A monotonic clock that a test can move. Code that compares the database's clock with it sees the database's clock jump the other way.</summary>
public sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _offset);

    /// <summary>Has the same effect as a change of the machine's clock by this amount.</summary>
    public void SetMachine(TimeSpan by) => Interlocked.Add(ref _offset, -(long)(by.TotalSeconds * TimestampFrequency));
}
