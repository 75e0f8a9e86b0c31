using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Replaces <c>{{name}}</c> by values. Inserted values are not searched again.</summary>
internal static partial class VariableTemplate
{
    /// <param name="template">The text with names in double braces.</param>
    /// <param name="find">Finds the value of a name, such as <c>topic</c> or <c>item.answer</c>; null when there is none.</param>
    /// <exception cref="UnsupportedCaseException">An unknown name, or an expression other than a name: a filter, a condition, a loop.</exception>
    public static string Fill(string template, Func<string, string?> find)
    {
        if (template.Contains("{%", StringComparison.Ordinal) || template.Contains("{#", StringComparison.Ordinal))
            throw new UnsupportedCaseException("a template contains conditions, loops or comments; only {{name}} can be converted.");

        var filled = new StringBuilder();
        var at = 0;
        for (var open = template.IndexOf("{{", StringComparison.Ordinal); open >= 0; open = template.IndexOf("{{", at, StringComparison.Ordinal))
        {
            var name = Name().Match(template, open);
            if (!name.Success)
                throw new UnsupportedCaseException($"a template contains '{Excerpt(template[open..])}'; only {{{{name}}}} can be converted.");
            filled.Append(template, at, open - at);
            filled.Append(find(name.Groups["name"].Value) ?? throw new UnsupportedCaseException($"a template names '{name.Groups["name"].Value}', which has no value."));
            at = open + name.Length;
        }

        return filled.Append(template, at, template.Length - at).ToString();
    }

    /// <returns>The text of a value in an object, by a path such as <c>item.answers[0]</c>; null when there is none.</returns>
    public static string? Lookup(JsonElement root, string path) => Path(path) is { } parsed && parsed.Resolve(root) is { ValueKind: not JsonValueKind.Null } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : CanonicalJson.Of(value)
        : null;

    private static JsonPath? Path(string path)
    {
        try
        {
            return JsonPath.Parse(path);
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }

    private static string Excerpt(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex(@"\G\{\{-?\s*(?<name>[\w.\[\]-]+?)\s*-?\}\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
