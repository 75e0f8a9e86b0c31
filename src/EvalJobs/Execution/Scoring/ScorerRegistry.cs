using EvalJobs.Domain;
using EvalJobs.Execution.Scoring.Processes;

namespace EvalJobs.Execution.Scoring;

/// <summary>Finds the scorer a test case names, and checks a case's scoring where that is safe.</summary>
/// <param name="scorers">All scorers.</param>
/// <param name="processes">Where settings are checked that a tenant can make costly to read; null checks all of them in this process.</param>
internal sealed class ScorerRegistry(IEnumerable<IScorer> scorers, ScorerProcessPool? processes = null)
{
    /// <summary>Characters one case's scoring object, and an expected output that a scorer reads as a pattern or list, may have.</summary>
    public const int MaxLength = 1_000_000;

    private readonly Dictionary<string, IScorer> _scorers = scorers.ToDictionary(scorer => scorer.Name, StringComparer.Ordinal);

    /// <summary>The names of all scorers, sorted.</summary>
    public IReadOnlyList<string> Names { get; } = [.. scorers.Select(scorer => scorer.Name).Order(StringComparer.Ordinal)];

    /// <returns>Whether there is a scorer of this name.</returns>
    public bool Contains(string name) => _scorers.ContainsKey(name);

    /// <returns>The scorer's own description; null when there is no such scorer, or when it has none.</returns>
    public ScorerDescription? Describe(string name) => _scorers.GetValueOrDefault(name)?.Description;

    /// <exception cref="InvalidInputException">No such scorer; the message lists the right names.</exception>
    public IScorer Find(string name) =>
        _scorers.TryGetValue(name, out var scorer)
            ? scorer
            : throw new InvalidInputException(
                $"Unknown scoring.type '{name}'; expected one of {string.Join(", ", Names)}.");

    /// <summary>Checks one case's scoring; see <see cref="IScorer.Validate"/>. May wait for a scorer process, at most some seconds.</summary>
    /// <exception cref="InvalidInputException">Unknown scorer, wrong or too long setting, or one that takes too long to read.</exception>
    public void Validate(ScoringSpec spec, string? expected)
    {
        var scorer = Find(spec.Type);
        if (spec.Json.Length > MaxLength)
            throw new InvalidInputException($"The scoring object has {spec.Json.Length} characters; at most {MaxLength} are allowed.");

        if (processes is not null && scorer is IIsolatedScorer isolated && isolated.CheckNeedsProcess(spec))
            processes.Check(spec, expected);
        else
            scorer.Validate(spec, expected);
    }
}
