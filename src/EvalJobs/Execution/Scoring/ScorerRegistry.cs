using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>Finds the scorer a test case names.</summary>
public sealed class ScorerRegistry(IEnumerable<IScorer> scorers)
{
    private readonly Dictionary<string, IScorer> _scorers = scorers.ToDictionary(scorer => scorer.Name, StringComparer.Ordinal);

    /// <summary>The names of all scorers, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _scorers.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidInputException">No such scorer; the message lists the right names.</exception>
    public IScorer Find(string name) =>
        _scorers.TryGetValue(name, out var scorer)
            ? scorer
            : throw new InvalidInputException(
                $"Unknown scoring.type '{name}'; expected one of {string.Join(", ", Names)}.");

    /// <summary>Checks one case's scoring; see <see cref="IScorer.Validate"/>.</summary>
    /// <exception cref="InvalidInputException">Unknown scorer or wrong setting.</exception>
    public void Validate(ScoringSpec spec, string? expected) => Find(spec.Type).Validate(spec, expected);
}
