using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>A .NET regular expression from a suite, with a time limit because backtracking may be costly.</summary>
internal sealed class ScoringPattern
{
    /// <summary>Longest time one search for a match may take.</summary>
    public static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Characters a pattern may have: constructing a longer one can take minutes.</summary>
    public const int MaxLength = 10_000;

    // Few, because a pattern may take megabytes and what is kept counts against the memory of other cases.
    private static readonly BoundedCache<(string Pattern, string Source, RegexOptions Options), ScoringPattern> Read =
        new(8, static key => new ScoringPattern(key.Pattern, key.Source, key.Options));

    private readonly Regex _regex;

    private ScoringPattern(string pattern, string source, RegexOptions options)
    {
        if (pattern.Length > MaxLength)
            throw new InvalidInputException($"{source} has {pattern.Length} characters; a pattern has at most {MaxLength}.");

        try
        {
            _regex = new Regex(pattern, options | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException error)
        {
            throw new InvalidInputException($"{source} is not a regular expression: {error.Message}", error);
        }
    }

    /// <summary>Reads a pattern, or finds it read already: the cases of a suite often share one.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="source">What to call it in messages, such as <c>scoring.pattern</c>.</param>
    /// <param name="options">Added to culture invariance.</param>
    /// <exception cref="InvalidInputException">The pattern does not parse; the message holds the parser's.</exception>
    public static ScoringPattern Of(string pattern, string source, RegexOptions options = RegexOptions.None) => Read.Get((pattern, source, options));

    /// <summary>Names of the groups, numbers included; <c>0</c> is the whole match.</summary>
    public IReadOnlyList<string> GroupNames => _regex.GetGroupNames();

    /// <returns>The first match; its <see cref="Group.Success"/> is false when there is none.</returns>
    /// <exception cref="ScoringException">The search took longer than <see cref="MatchTimeout"/>.</exception>
    public Match First(string text) => Timed(() => _regex.Match(text));

    /// <returns>The last match, null when there is none.</returns>
    /// <exception cref="ScoringException">The search for one match took longer than <see cref="MatchTimeout"/>.</exception>
    public Match? Last(string text, CancellationToken cancellationToken)
    {
        Match? last = null;
        for (var match = First(text); match.Success; match = Timed(match.NextMatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            last = match;
        }
        return last;
    }

    private Match Timed(Func<Match> search)
    {
        try
        {
            return search();
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new ScoringException(
                $"The pattern '{Excerpt.Of(_regex.ToString())}' took longer than {MatchTimeout.TotalSeconds} s on this text.", error);
        }
    }
}
