using EvalJobs.Execution.Scoring;

namespace EvalJobs.Server.Api;

/// <summary><c>/scorers</c>: how the reply to a test case can be judged, from the scorers' own descriptions, which the dashboard's forms use, too.</summary>
internal static class ScorerEndpoints
{
    public static void MapScorers(this IEndpointRouteBuilder api)
    {
        api.MapGet("/scorers", List).Reads<IReadOnlyList<ScorerView>>("listScorers", "List the server's scorers with their settings, by name");
    }

    private static IReadOnlyList<ScorerView> List(ScorerRegistry scorers) => [.. scorers.Names.Select(name => ScorerView.Of(scorers.Find(name)))];
}

/// <summary>A scorer that the scoring of a test case can name.</summary>
internal sealed record ScorerView
{
    /// <summary>The type in a scoring object, such as <c>exact_match</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in one sentence; null when it has no description.</summary>
    public string? Summary { get; init; }

    /// <summary>Score from which a case passes when its scoring names no threshold, 0 to 1.</summary>
    public required double DefaultThreshold { get; init; }

    /// <summary>Its settings except type and threshold, in display order; null when it does not describe them.</summary>
    public IReadOnlyList<ScorerSetting>? Settings { get; init; }

    public static ScorerView Of(IScorer scorer) => new()
    {
        Name = scorer.Name,
        Summary = scorer.Description?.Summary,
        DefaultThreshold = scorer.DefaultThreshold,
        Settings = scorer.Description?.Settings,
    };
}
