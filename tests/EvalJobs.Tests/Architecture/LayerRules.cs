using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace EvalJobs.Tests.Architecture;

/// <summary>Finds arrows between the layers of EvalJobs that the design does not have.</summary>
public static partial class LayerRules
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Layers = ["Domain", "Data", "Import", "Execution", "Jobs", "Application"];

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Reads the words of one source file: usings, qualified names, relative names such as <c>Data.X</c>.</summary>
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

    /// <summary>Reads a compiled type: its base, members, signatures, locals and every type or member its code names.</summary>
    /// <returns>One line per namespace the layer may not use.</returns>
    public static IEnumerable<string> ViolationsInType(string layer, IReadOnlyCollection<string> allowed, Type type) =>
        TypesUsedBy(type)
            .Where(used => used.Namespace is { } name && !IsAllowed(layer, allowed, name))
            .Select(used => $"{type.FullName} uses {used.FullName}");

    /// <summary>Every type that a compiled type names, with the arguments of generic ones; without those that only its nested types name.</summary>
    public static IEnumerable<Type> TypesUsedBy(Type type) => TypesWrittenIn(type).SelectMany(Unwrap).Distinct();

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

    private static IEnumerable<Type> TypesWrittenIn(Type type)
    {
        if (type.BaseType is { } parent)
            yield return parent;
        foreach (var implemented in type.GetInterfaces())
            yield return implemented;
        foreach (var field in type.GetFields(Everything))
            yield return field.FieldType;
        foreach (var method in type.GetMembers(Everything).OfType<MethodBase>())
        {
            foreach (var parameter in method.GetParameters())
                yield return parameter.ParameterType;
            if (method is MethodInfo { ReturnType: var result })
                yield return result;
            foreach (var local in method.GetMethodBody()?.LocalVariables ?? [])
                yield return local.LocalType;
            foreach (var named in TypesNamedIn(method))
                yield return named;
        }
    }

    private static IEnumerable<Type> TypesNamedIn(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType?.GetGenericArguments();
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;

        for (var at = 0; at < il.Length;)
        {
            var value = il[at] == 0xFE ? unchecked((short)(0xFE00 | il[at + 1])) : il[at];
            var code = OpCodesByValue[value];
            at += code.Size;
            switch (code.OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(il, at));
                    break;
                case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok:
                    switch (method.Module.ResolveMember(BitConverter.ToInt32(il, at), typeArguments, methodArguments))
                    {
                        case Type named:
                            yield return named;
                            break;
                        case { DeclaringType: { } owner } member:
                            yield return owner;
                            foreach (var argument in member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : [])
                                yield return argument;
                            break;
                    }
                    at += 4;
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }

    private static IEnumerable<Type> Unwrap(Type type)
    {
        if (type.IsGenericParameter)
            return [];
        if (type.HasElementType)
            return Unwrap(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Unwrap).Prepend(type) : [type];
    }

    // A comment or a string never counts as a use.
    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|\"{3,}.*?\"{3,}|@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CommentsAndStrings();

    [GeneratedRegex(@"^[ \t]*(global[ \t]+)?using[ \t]+(static[ \t]+)?(\w+[ \t]*=[ \t]*)?(global::)?(?<name>[A-Z]\w*(\.\w+)*)[^;(\n]*;",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Usings();

    [GeneratedRegex(@"\bEvalJobs\.(?<layer>Domain|Data|Import|Execution|Jobs|Application|Server)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex QualifiedNames();

    // Inside namespace EvalJobs.Data, the words Execution.RunExecutor mean EvalJobs.Execution.RunExecutor.
    [GeneratedRegex(@"(?<![\w.])(?<layer>Domain|Data|Import|Execution|Jobs|Application|Server)\.[A-Z]\w*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex RelativeNames();
}
