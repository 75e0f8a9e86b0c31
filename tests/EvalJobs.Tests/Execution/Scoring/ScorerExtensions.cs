using System.Diagnostics.CodeAnalysis;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;

namespace EvalJobs.Tests.Execution.Scoring;

/// <summary>Short helpers that the scorer tests share.</summary>
internal static class ScorerExtensions
{
    public static async Task<Score> ScoreAsync(
        this IScorer scorer,
        [StringSyntax(StringSyntaxAttribute.Json)] string scoring,
        string? expected,
        string actual,
        CancellationToken cancellationToken = default) =>
        await scorer.ScoreAsync(new ScoringRequest(ScoringSpec.Parse(scoring), "question", expected, actual, "acme"), cancellationToken);

    public static Action Validating(
        this IScorer scorer, [StringSyntax(StringSyntaxAttribute.Json)] string scoring, string? expected) =>
        () => scorer.Validate(ScoringSpec.Parse(scoring), expected);
}
