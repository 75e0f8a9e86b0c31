using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.ExampleHost;

/// <summary>The host's own scorer: <c>"scoring": "starts_with"</c>.</summary>
public sealed class StartsWithScorer : IScorer
{
    /// <inheritdoc/>
    public string Name => "starts_with";

    /// <inheritdoc/>
    public double DefaultThreshold => 1;

    /// <inheritdoc/>
    public void Validate(ScoringSpec spec, string? expected)
    {
        if (string.IsNullOrEmpty(expected))
            throw new InvalidInputException("starts_with needs an expected output.");
    }

    /// <inheritdoc/>
    public ValueTask<Score> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Score.Of(request.Actual.StartsWith(request.Expected!, StringComparison.Ordinal)));
}
