namespace EvalJobs.Data;

/// <summary>A time span as a parameter of statements.</summary>
internal static class Milliseconds
{
    /// <returns>Whole milliseconds; what is longer than 24 days becomes <see cref="int.MaxValue"/>.</returns>
    public static int Of(TimeSpan span) => (int)Math.Min(span.TotalMilliseconds, int.MaxValue);
}
