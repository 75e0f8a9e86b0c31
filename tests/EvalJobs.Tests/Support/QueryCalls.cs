using System.Reflection;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EvalJobs.Tests.Support;

/// <summary>One place where a repository runs a query, as its source says.</summary>
/// <param name="Query">A name of <see cref="SqlQuery"/>.</param>
/// <param name="Place">File and line.</param>
/// <param name="Parameters">Names passed, without @.</param>
/// <param name="Columns">What is read from each row; empty when no rows are read; null for a single value, whatever its name.</param>
public sealed record QueryCall(string Query, string Place, IReadOnlySet<string> Parameters, IReadOnlyList<string>? Columns);

/// <summary>Finds every use of a <see cref="SqlQuery"/> in the sources of EvalJobs and what is passed and read there.</summary>
/// <remarks>
/// Follows what our repositories do: anonymous objects, records, sequences of them, <c>DynamicParameters</c> with <c>Add</c>, and helper
/// methods that take or return parameters as <c>object</c>. A use it cannot read is an error, never a pass.
/// </remarks>
public sealed class QueryCalls
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !Path.GetFileName(file).StartsWith("EvalJobs", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    private readonly CSharpCompilation _compilation;
    private readonly Dictionary<SyntaxTree, SemanticModel> _models = [];

    private QueryCalls(IEnumerable<SyntaxTree> trees) => _compilation = CSharpCompilation.Create("Read", trees, References);

    /// <summary>Reads all of src/EvalJobs.</summary>
    /// <param name="edit">Changes a source before it is read: to plant a mistake.</param>
    public static IReadOnlyList<QueryCall> Read(Func<string, string>? edit = null)
    {
        const string usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EvalJobs"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => CSharpSyntaxTree.ParseText(edit is null ? File.ReadAllText(file) : edit(File.ReadAllText(file)), options, Path.GetFileName(file)));
        return new QueryCalls(trees.Append(CSharpSyntaxTree.ParseText(usings, options))).Find();
    }

    private List<QueryCall> Find() =>
    [
        .. from tree in _compilation.SyntaxTrees
           from access in tree.GetRoot().DescendantNodes().OfType<MemberAccessExpressionSyntax>()
           where access.Expression is IdentifierNameSyntax { Identifier.ValueText: nameof(SqlQuery) }
           select Call(access),
    ];

    private QueryCall Call(MemberAccessExpressionSyntax query)
    {
        var place = $"{query.SyntaxTree.FilePath}({query.GetLocation().GetLineSpan().StartLinePosition.Line + 1})";
        if (query.FirstAncestorOrSelf<ArgumentSyntax>() is not { Parent.Parent: InvocationExpressionSyntax invocation } || Symbol(invocation) is not IMethodSymbol method)
            throw new InvalidOperationException($"{place}: {query} is not an argument of a call that can be read.");

        var passed = Argument(invocation, method, "parameters");
        return new QueryCall(
            query.Name.Identifier.ValueText, place,
            passed is null ? new HashSet<string>(StringComparer.Ordinal) : Names(passed, place).ToHashSet(StringComparer.Ordinal),
            method.TypeArguments is [var row] && method.Name.StartsWith("Query", StringComparison.Ordinal) ? Columns(row) : []);
    }

    private static ExpressionSyntax? Argument(InvocationExpressionSyntax invocation, IMethodSymbol method, string parameter)
    {
        var index = method.Parameters.ToList().FindIndex(each => each.Name == parameter);
        if (index < 0)
            throw new InvalidOperationException($"{method} takes a query but no argument called '{parameter}'.");
        var arguments = invocation.ArgumentList.Arguments;
        return (arguments.FirstOrDefault(each => each.NameColon?.Name.Identifier.ValueText == parameter) ?? arguments.ElementAtOrDefault(index))?.Expression;
    }

    private IEnumerable<string> Names(ExpressionSyntax expression, string place)
    {
        var type = Model(expression).GetTypeInfo(expression).Type;
        return expression switch
        {
            LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.NullLiteralExpression) => [],
            ConditionalExpressionSyntax choice => Names(choice.WhenTrue, place).Union(Names(choice.WhenFalse, place), StringComparer.Ordinal),
            _ when type is not null && !IsOpaque(type) => Properties(ElementOf(type)),
            InvocationExpressionSyntax call when Symbol(call) is IMethodSymbol { DeclaringSyntaxReferences: [var source] } method => NamesFrom(call, method, source.GetSyntax(), place),
            ObjectCreationExpressionSyntax created => created.ArgumentList?.Arguments.SelectMany(each => Names(each.Expression, place)) ?? [],
            IdentifierNameSyntax name when Model(name).GetSymbolInfo(name).Symbol is ILocalSymbol { DeclaringSyntaxReferences: [var source] } =>
                Names(((VariableDeclaratorSyntax)source.GetSyntax()).Initializer!.Value, place).Union(Added(name), StringComparer.Ordinal),
            _ => throw new InvalidOperationException($"{place}: the parameters '{expression}' cannot be read."),
        };
    }

    /// <summary>A helper that makes parameters: the objects in its body, what it adds by name, and what its caller hands it.</summary>
    private IEnumerable<string> NamesFrom(InvocationExpressionSyntax call, IMethodSymbol method, SyntaxNode body, string place)
    {
        var handed = call.ArgumentList.Arguments.Where((_, index) => IsOpaque(method.Parameters[index].Type)).SelectMany(each => Names(each.Expression, place));
        var made = body.DescendantNodes().OfType<AnonymousObjectCreationExpressionSyntax>().SelectMany(each => Names(each, place));
        return handed.Concat(made).Concat(AddedIn(body));
    }

    private static IEnumerable<string> Added(IdentifierNameSyntax local) => AddedIn(local.FirstAncestorOrSelf<MethodDeclarationSyntax>()!);

    private static IEnumerable<string> AddedIn(SyntaxNode body) =>
        from call in body.DescendantNodes().OfType<InvocationExpressionSyntax>()
        where call.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add" }
        select call.ArgumentList.Arguments[0].Expression into first
        where first.IsKind(SyntaxKind.StringLiteralExpression)
        select ((LiteralExpressionSyntax)first).Token.ValueText;

    private static bool IsOpaque(ITypeSymbol type) => type.SpecialType == SpecialType.System_Object || type.Name == "DynamicParameters";

    private static ITypeSymbol ElementOf(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_String ? type
        : new[] { type }.Concat(type.AllInterfaces).OfType<INamedTypeSymbol>()
            .FirstOrDefault(each => each.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)?.TypeArguments[0] ?? type;

    private static IEnumerable<string> Properties(ITypeSymbol type) =>
        type.GetMembers().OfType<IPropertySymbol>().Where(each => each is { DeclaredAccessibility: Accessibility.Public, IsStatic: false }).Select(each => each.Name);

    private static List<string>? Columns(ITypeSymbol row)
    {
        var named = (INamedTypeSymbol)row;
        if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T || named.SpecialType != SpecialType.None || named.Name == nameof(DateTimeOffset))
            return null;

        var name = named.ContainingType is { } outer ? $"{outer.ToDisplayString()}+{named.Name}" : named.ToDisplayString();
        var type = typeof(Tenant).Assembly.GetType(name) ?? throw new InvalidOperationException($"No type {name}.");
        return [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(each => each.SetMethod is not null).Select(each => each.Name)];
    }

    private ISymbol? Symbol(InvocationExpressionSyntax invocation) => Model(invocation).GetSymbolInfo(invocation).Symbol;

    /// <summary>Kept: a model remembers what it has bound.</summary>
    private SemanticModel Model(SyntaxNode node) =>
        _models.TryGetValue(node.SyntaxTree, out var known) ? known : _models[node.SyntaxTree] = _compilation.GetSemanticModel(node.SyntaxTree);
}
