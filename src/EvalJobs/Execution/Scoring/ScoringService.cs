using EvalJobs.Domain;
using EvalJobs.Execution.Agents;
using EvalJobs.Execution.Scoring.Processes;

namespace EvalJobs.Execution.Scoring;

/// <summary>Judges replies with the scorer each test case names. Callers need not know where a scorer runs.</summary>
/// <param name="scorers">All scorers.</param>
/// <param name="processes">Where work is done that a tenant can make long or large.</param>
/// <param name="options">The deadline.</param>
/// <param name="time">What the deadline is measured by.</param>
internal sealed class ScoringService(ScorerRegistry scorers, ScorerProcessPool processes, ExecutionOptions options, TimeProvider time)
{
    private readonly ScoringSpecCache _specs = new(64);

    /// <returns>The endpoint of the judge that a case needs; null when it needs none, or its scoring cannot be read.</returns>
    public string? JudgeOf(TestCase testCase)
    {
        try
        {
            var spec = _specs.Get(testCase.Scoring);
            return scorers.Find(spec.Type) is IJudge judge ? judge.EndpointOf(spec) : null;
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }

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
            var spec = _specs.Get(testCase.Scoring);
            var scorer = scorers.Find(spec.Type);
            if (scorer is IJudge judge)
                unscored = unscored with { Judge = judge.EndpointOf(spec) };
            var request = new ScoringRequest(spec, testCase.Input, testCase.ExpectedOutput, actual, tenantSlug) { Clock = clock };
            var score = scorer is IIsolatedScorer isolated && isolated.NeedsProcess(request)
                ? await processes.ScoreAsync(request, Shorter(isolated.Deadline(spec), options.ScoringTimeout), cancellationToken)
                // On another thread: a scorer that never yields must not hold the case beyond its deadline.
                : await clock.LimitAsync(Task.Run(() => scorer.ScoreAsync(request, clock.Token).AsTask(), clock.Token));

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
            var reason = ReasonOf(error, testCase);
            return unscored with
            {
                Error = error switch
                {
                    TimeoutException => $"Not scored within ScoringTimeout ({options.ScoringTimeout}).",
                    ScoringException or InvalidInputException => error.Message,
                    _ => $"The scorer failed unexpectedly: {error.GetType().Name}: {error.Message}",
                },
                UnscoredReason = reason,
                IsJudgeOutage = unscored.Judge is not null && error is TimeoutException or ScoringException { IsOutage: true },
                AskAgain = reason != UnscoredReason.CaseCannotBeJudged,
            };
        }
    }

    // A model judge that does not answer in time is away; another scorer that does not end cannot judge the case.
    private static UnscoredReason ReasonOf(Exception error, TestCase testCase) =>
        error is ScoringException { Reason: var reason } ? reason
        : error is TimeoutException && ScoringSpec.Parse(testCase.Scoring).Type == LlmJudgeScorer.TypeName ? UnscoredReason.JudgeUnavailable
        : UnscoredReason.CaseCannotBeJudged;

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
