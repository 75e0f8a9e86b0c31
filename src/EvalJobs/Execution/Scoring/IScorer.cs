using EvalJobs.Domain;
using EvalJobs.Execution.Agents;

namespace EvalJobs.Execution.Scoring;

/// <summary>Grades one agent reply. One file and one registration line each; keeps no state between calls; safe for concurrent use.</summary>
public interface IScorer
{
    /// <summary>The name test cases use to pick this scorer, such as <c>exact_match</c>.</summary>
    string Name { get; }

    /// <summary>Score from which a case passes when its scoring names no threshold, 0..1.</summary>
    double DefaultThreshold { get; }

    /// <summary>Its settings, for forms; null when it describes none, and its settings are then written as JSON.</summary>
    ScorerDescription? Description => null;

    /// <summary>Checks a case's settings when it is imported, so that a wrong setting is rejected then and not during a run.</summary>
    /// <param name="spec">The scoring object.</param>
    /// <param name="expected">The case's expected output, if any.</param>
    /// <exception cref="InvalidInputException">A setting is missing or wrong; the message names it.</exception>
    void Validate(ScoringSpec spec, string? expected);

    /// <returns>0.0 (wrong) to 1.0 (fully right).</returns>
    /// <exception cref="ScoringException">The reply cannot be judged: the case is UNSCORED.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken);
}

/// <summary>One reply to judge.</summary>
/// <param name="Spec">How to judge it.</param>
/// <param name="Input">What the agent was asked.</param>
/// <param name="Expected">The right answer, if the case has one.</param>
/// <param name="Actual">What the agent replied.</param>
/// <param name="TenantSlug">Whose secrets a model judge may use.</param>
public sealed record ScoringRequest(ScoringSpec Spec, string Input, string? Expected, string Actual, string TenantSlug)
{
    /// <summary>The time limit of the judgement; null for no limit.</summary>
    internal CaseClock? Clock { get; init; }

    /// <summary>Stops the time of the judgement until the result is disposed. A scorer that waits for a slot or a rate limit calls it for the wait.</summary>
    /// <returns>Null when the judgement has no time limit.</returns>
    public IDisposable? PauseClock() => Clock?.Pause();
}

/// <summary>A judgement.</summary>
/// <param name="Value">0.0 (wrong) to 1.0 (fully right).</param>
/// <param name="Remark">A remark for people; null for none.</param>
public readonly record struct Score(double Value, string? Remark = null)
{
    /// <summary>Fully right.</summary>
    public static Score Right => new(1);

    /// <summary>Wrong.</summary>
    public static Score Wrong => new(0);

    /// <returns><see cref="Right"/> or <see cref="Wrong"/>.</returns>
    public static Score Of(bool right) => right ? Right : Wrong;
}

/// <summary>The reply cannot be judged. The message is stored with the case and shown to people.</summary>
/// <param name="message">The message for people.</param>
/// <param name="inner">The cause.</param>
/// <param name="reason">Whether the case or the judge is the cause.</param>
public sealed class ScoringException(
    string message, Exception? inner = null, UnscoredReason reason = UnscoredReason.CaseCannotBeJudged) : Exception(message, inner)
{
    /// <summary>Whether the case or the judge is the cause.</summary>
    public UnscoredReason Reason { get; } = reason;

    /// <summary>Whether a judge gave no answer at all, or its server failed.</summary>
    internal bool IsOutage { get; init; }
}
