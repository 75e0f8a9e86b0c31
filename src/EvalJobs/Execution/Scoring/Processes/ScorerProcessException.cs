namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>A scorer process ended before it had answered.</summary>
/// <param name="message">Why, as the end of a sentence.</param>
/// <param name="isOurs">Whether the server is the cause (no process could be started), not the case.</param>
/// <param name="inner">The cause.</param>
internal sealed class ScorerProcessException(string message, bool isOurs, Exception? inner = null) : Exception(message, inner)
{
    public bool IsOurs { get; } = isOurs;
}
