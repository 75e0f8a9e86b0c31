using System.Text.RegularExpressions;

namespace EvalJobs.Execution.Agents;

/// <summary>The <c>{{name}}</c> marks in a genome's templates.</summary>
internal static partial class Placeholders
{
    private const string SecretPrefix = "secret:";

    /// <returns>The names in a template, in order.</returns>
    public static IEnumerable<string> In(string template) => Mark().Matches(template).Select(mark => mark.Groups["name"].Value);

    /// <summary>Fills a template in one pass: what is put in is never searched for marks again, so a test case cannot ask for a secret.</summary>
    public static string Fill(string template, Func<string, string> valueOf) =>
        Mark().Replace(template, mark => valueOf(mark.Groups["name"].Value));

    /// <returns>The secret a mark such as <c>secret:openai</c> names; null for other marks.</returns>
    public static string? SecretName(string placeholder) =>
        placeholder.StartsWith(SecretPrefix, StringComparison.Ordinal) ? placeholder[SecretPrefix.Length..] : null;

    [GeneratedRegex(@"\{\{\s*(?<name>[A-Za-z][\w:.\-]*)\s*\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Mark();
}
