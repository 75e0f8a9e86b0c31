using System.Text.RegularExpressions;

namespace EvalJobs.Execution.Scoring;

/// <summary>The words and LaTeX commands next to a number that multiply it, give its sign, or change what it means.</summary>
internal static partial class NumberWords
{
    // LaTeX commands that do not change the meaning of a number before or after them.
    private static readonly HashSet<string> CommandsToIgnore = new(
        ["text", "quad", "qquad", "approx", "implies", "Rightarrow", "rightarrow", "to", "therefore", "end", "begin", "displaystyle",
         "num", "degree", "circ", "item", "hline", "n", "t", "r", "because", "equiv", "colon", "square", "blacksquare", "right", "left", "huge", "large", "bf", "bold", "color"],
        StringComparer.Ordinal);

    /// <returns>Whether this command leaves the meaning of a number next to it unchanged.</returns>
    /// <param name="command">A match of <see cref="LatexCommand"/> or <see cref="LatexCommandBefore"/>.</param>
    public static bool CanIgnore(Match command) => CommandsToIgnore.Contains(command.Groups["name"].Value);

    /// <summary>A letter attached to the digits that may multiply them.</summary>
    [GeneratedRegex(@"\G(?:k|K|M|B|bn|Bn|BN|mn|Mn|mln|Mln|tn|T|G|Mio|Mrd|i|j|n|x|y|z|e)(?![A-Za-z0-9])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex ScaleSuffix();

    /// <summary>The LaTeX command that begins here.</summary>
    [GeneratedRegex(@"\G\\(?<name>[A-Za-z]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex LatexCommand();

    /// <summary>The LaTeX command that ends the text.</summary>
    [GeneratedRegex(@"\\(?<name>[A-Za-z]+)\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex LatexCommandBefore();

    /// <summary>A word that multiplies the number before it.</summary>
    [GeneratedRegex(@"\G(?:thousand|million|billion|trillion)s?\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex Multiplier();

    /// <summary>One more such word.</summary>
    [GeneratedRegex(@"\G\s*(?:thousand|million|billion|trillion|dozen|hundred)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex MultiplierAgain();

    /// <summary>Words after a number that give it another meaning.</summary>
    [GeneratedRegex(@"\G(?:squared|cubed|factorial|dozens?|hundreds?|lakhs?|crores?|half|halves|thirds|quarters|fourths|fifths|sixths|sevenths|eighths|ninths|tenths|hundredths|thousandths|and a (?:half|quarter|third)|and one (?:half|quarter|third)|and three quarters|per ?mille|plus|minus|divided by|multiplied by|to the power|raised|pi\b|mod\b|e\^)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex WordThatChanges();

    /// <summary>Words before a number that give it another meaning, or its sign.</summary>
    [GeneratedRegex(@"(?<![A-Za-z])(?:negative|minus|plus|times|divided by|multiplied by|to the|over|root of|half of|third of|quarter of|percent of|% of|out of|square of|cube of|log of|logarithm of|twice|double|triple|factorial of|power of|half|mod|modulo|sqrt|log|ln|sin|cos|tan|exp)\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    public static partial Regex WordBefore();
}
