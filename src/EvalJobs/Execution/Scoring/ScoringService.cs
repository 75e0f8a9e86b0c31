using EvalJobs.Domain;
using EvalJobs.Execution.Agents;

namespace EvalJobs.Execution.Scoring;

/// <summary>Judges replies with the scorer each test case names. Callers need not know where a scorer runs.</summary>
public sealed class ScoringService(ScorerRegistry scorers, ExecutionOptions options, TimeProvider time)
{
    /// <summary>Judges one reply.</summary>
    /// <param name="unscored">The result so far, verdict UNSCORED.</param>
    /// <param name="testCase">The case.</param>
    /// <param name="actual">What the agent replied.</param>
    /// <param name="tenantSlug">Whose secrets a model judge may use.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    /// <returns>
    /// The result with verdict, score and remark. UNSCORED with an error and a reason when the scorer cannot judge, fails, or takes
    /// longer than <see cref="ExecutionOptions.ScoringTimeout"/>.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TestCaseResult> ScoreAsync(
        TestCaseResult unscored, TestCase testCase, string actual, string tenantSlug, CancellationToken cancellationToken)
    {
        using var clock = new CaseClock(options.ScoringTimeout, time, cancellationToken);
        try
        {
            var spec = ScoringSpec.Parse(testCase.Scoring);
            var scorer = scorers.Find(spec.Type);
            var request = new ScoringRequest(spec, testCase.Input, testCase.ExpectedOutput, actual, tenantSlug) { Clock = clock };

            // On another thread: a scorer that never yields must not hold the case beyond its deadline.
            var score = await clock.LimitAsync(Task.Run(() => scorer.ScoreAsync(request, clock.Token).AsTask(), clock.Token));

            if (!(score.Value is >= 0 and <= 1))
                throw new ScoringException($"The scorer '{spec.Type}' gave {score.Value}; a score is a number from 0 to 1.");

            return unscored with
            {
                Verdict = score.Value >= (spec.Threshold ?? scorer.DefaultThreshold) ? CaseVerdict.Passed : CaseVerdict.Failed,
                Score = score.Value,
                Error = score.Remark,
            };
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && !error.IsHostFailure())
        {
            return unscored with
            {
                Error = error switch
                {
                    TimeoutException => $"Not scored within ScoringTimeout ({options.ScoringTimeout}).",
                    ScoringException or InvalidInputException => error.Message,
                    _ => $"The scorer failed unexpectedly: {error.GetType().Name}: {error.Message}",
                },
                UnscoredReason = (error as ScoringException)?.Reason ?? UnscoredReason.CaseCannotBeJudged,
            };
        }
    }
}
