using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>The <c>{{name}}</c> marks in a genome's templates. <c>{{{{name}}}}</c> is the literal text <c>{{name}}</c>.</summary>
internal static partial class Placeholders
{
    private const string SecretPrefix = "secret:";

    /// <returns>The names in a template, in order.</returns>
    public static IEnumerable<string> In(string template) =>
        Mark().Matches(template).Where(mark => !mark.Groups["literal"].Success).Select(mark => mark.Groups["name"].Value);

    /// <summary>Fills a template in one pass: inserted text is never searched for marks, so a test case cannot request a secret.</summary>
    public static string Fill(string template, Func<string, string> valueOf) => !template.Contains("{{", StringComparison.Ordinal) ? template
        : Mark().Replace(template, mark => mark.Groups["literal"].Success ? mark.Groups["literal"].Value : valueOf(mark.Groups["name"].Value));

    /// <returns>The secret a mark such as <c>secret:openai</c> names; null for other marks.</returns>
    public static string? SecretName(string placeholder) =>
        placeholder.StartsWith(SecretPrefix, StringComparison.Ordinal) ? placeholder[SecretPrefix.Length..] : null;

    /// <returns>The error for a mark that the field does not know.</returns>
    public static InvalidInputException Unknown(string field, string mark, params ReadOnlySpan<string> known)
    {
        var expected = string.Join(", ", known.ToArray().Select(name => $"{{{{{name}}}}}"));
        return new($"{field} contains the unknown {{{{{mark}}}}}; expected {expected}. For the text itself write {{{{{{{{{mark}}}}}}}}}.");
    }

    [GeneratedRegex(
        @"\{\{(?<literal>\{\{\s*[A-Za-z][\w:.\-]*\s*\}\})\}\}|\{\{\s*(?<name>[A-Za-z][\w:.\-]*)\s*\}\}",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Mark();
}
