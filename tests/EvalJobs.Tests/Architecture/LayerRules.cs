using System.Text.RegularExpressions;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Architecture;

/// <summary>Finds dependencies between the layers of EvalJobs that the design does not allow.</summary>
public static partial class LayerRules
{
    private static readonly string[] Layers = ["Domain", "Data", "Import", "Execution", "Jobs", "Application", "DependencyInjection"];

    /// <summary>Reads the names in one source file: usings, qualified names, relative names such as <c>Data.X</c>.</summary>
    /// <returns>One line per name the layer may not use.</returns>
    public static IEnumerable<string> ViolationsInSource(string layer, IReadOnlyCollection<string> allowed, string path, string source)
    {
        var code = CommentsAndStrings().Replace(source, " ");

        var usings = Usings().Matches(code).Select(match => match.Groups["name"].Value);
        var qualified = QualifiedNames().Matches(code).Select(match => $"EvalJobs.{match.Groups["layer"].Value}");
        var relative = RelativeNames().Matches(code).Select(match => $"EvalJobs.{match.Groups["layer"].Value}")
            .Where(name => name != $"EvalJobs.{layer}");

        return usings.Concat(qualified).Concat(relative).Distinct(StringComparer.Ordinal)
            .Where(name => !IsAllowed(layer, allowed, name))
            .Select(name => $"{path} uses {name}");
    }

    /// <summary>Reads a compiled type: its base, members, signatures, locals and every type or member its code uses.</summary>
    /// <returns>One line per namespace the layer may not use.</returns>
    public static IEnumerable<string> ViolationsInType(string layer, IReadOnlyCollection<string> allowed, Type type) =>
        TypeUse.TypesUsedBy(type)
            .Where(used => used.Namespace is { } name && !IsAllowed(layer, allowed, name))
            .Select(used => $"{type.FullName} uses {used.FullName}");

    private static bool IsAllowed(string layer, IReadOnlyCollection<string> allowed, string name)
    {
        if (name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            return false;
        if (name == "EvalJobs" || name.StartsWith("EvalJobs.", StringComparison.Ordinal))
            return name.Split('.') is [_, var used, ..] && (used == layer || allowed.Contains(used, StringComparer.Ordinal) || (used != "Server" && !Layers.Contains(used, StringComparer.Ordinal)));

        // Statistics take their special functions from a library; nothing else of the domain needs one.
        return layer != "Domain" || name == "System" || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("MathNet.Numerics", StringComparison.Ordinal);
    }

    // A comment or a string never counts as a use.
    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|\"{3,}.*?\"{3,}|@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^[ \t]*(global[ \t]+)?using[ \t]+(static[ \t]+)?(\w+[ \t]*=[ \t]*)?(global::)?(?<name>[A-Z]\w*(\.\w+)*)[^;(\n]*;",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Usings();

    [GeneratedRegex(@"\bEvalJobs\.(?<layer>Domain|Data|Import|Execution|Jobs|Application|DependencyInjection|Server)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex QualifiedNames();

    // Inside namespace EvalJobs.Data, the words Execution.RunExecutor mean EvalJobs.Execution.RunExecutor.
    [GeneratedRegex(@"(?<![\w.])(?<layer>Domain|Data|Import|Execution|Jobs|Application|DependencyInjection|Server)\.[A-Z]\w*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RelativeNames();
}
