using System.Reflection;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data.TSql;

/// <summary>One place in the source where a repository runs a query.</summary>
/// <param name="Query">A name of <see cref="SqlQuery"/>.</param>
/// <param name="Place">File and line.</param>
/// <param name="Parameters">The names of the passed parameters, without @.</param>
/// <param name="Columns">The columns read from each row; empty when no rows are read; null for a single value, whose column may have any name.</param>
public sealed record QueryCall(string Query, string Place, IReadOnlySet<string> Parameters, IReadOnlyList<string>? Columns);

/// <summary>Finds every place in the sources of EvalJobs where a <see cref="SqlQuery"/> is run, with the parameters passed and the columns read there.</summary>
/// <remarks>
/// Supports the ways in which the repositories use queries. Queries: named directly, passed to a helper method, kept in a record or in a table of tuples.
/// Parameters: anonymous objects, records, sequences of them, <c>DynamicParameters</c> with <c>Add</c>, and helpers that take or return
/// them as <c>object</c>. A use that it cannot read is an error and is never skipped.
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
    private readonly HashSet<SyntaxNode> _read = [];
    private IReadOnlyList<InvocationExpressionSyntax>? _invocations;

    private QueryCalls(IEnumerable<SyntaxTree> trees) => _compilation = CSharpCompilation.Create("Read", trees, References);

    /// <summary>Reads all of src/EvalJobs.</summary>
    /// <param name="edit">Changes a source before it is read, to plant a mistake.</param>
    public static IReadOnlyList<QueryCall> Read(Func<string, string>? edit = null)
    {
        const string usings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "EvalJobs"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => CSharpSyntaxTree.ParseText(edit is null ? File.ReadAllText(file) : edit(File.ReadAllText(file)), options, Path.GetFileName(file)));
        return new QueryCalls(trees.Append(CSharpSyntaxTree.ParseText(usings, options))).Find();
    }

    private List<QueryCall> Find()
    {
        var calls = Invocations.Where(IsRun).SelectMany(CallsOf).ToList();
        var unread = Nodes<MemberAccessExpressionSyntax>().Where(IsQuery).FirstOrDefault(mention => !_read.Contains(mention));
        return unread is null ? calls : throw new InvalidOperationException($"{PlaceOf(unread)}: nothing that can be read runs {unread}.");
    }

    private IReadOnlyList<InvocationExpressionSyntax> Invocations => _invocations ??= [.. Nodes<InvocationExpressionSyntax>()];

    private IEnumerable<T> Nodes<T>() where T : SyntaxNode => _compilation.SyntaxTrees.SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<T>());

    private static bool IsQuery(SyntaxNode node) => node is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: nameof(SqlQuery) } };

    /// <summary>A call of one of the methods that run a query, outside those that only pass it on.</summary>
    private bool IsRun(InvocationExpressionSyntax call) =>
        NameOf(call) is "ExecuteAsync" or "ExecuteOneAsync" or "ExecuteExactlyAsync" or "QueryAsync" or "QuerySingleAsync" or "QuerySingleOrDefaultAsync"
        && Symbol(call) is IMethodSymbol { ContainingType.Name: nameof(DbWork) or nameof(EvaluationDatabase) }
        && call.FirstAncestorOrSelf<TypeDeclarationSyntax>()!.Identifier.ValueText is not (nameof(DbWork) or nameof(EvaluationDatabase));

    private IEnumerable<QueryCall> CallsOf(InvocationExpressionSyntax run)
    {
        var method = (IMethodSymbol)Symbol(run)!;
        var columns = method.TypeArguments is [var row] ? Columns(row) : [];
        var passed = Argument(run, method, "parameters");
        foreach (var (mention, caller) in Sources(run.ArgumentList.Arguments[0].Expression))
        {
            _read.Add(mention);
            var names = passed is null ? [] : Names(passed, PlaceOf(run), caller);
            yield return new QueryCall(mention.Name.Identifier.ValueText, PlaceOf(mention), names.ToHashSet(StringComparer.Ordinal), columns);
        }
    }

    /// <summary>The queries that an expression may be, each with the call that passed it when it is a helper's parameter.</summary>
    private IEnumerable<(MemberAccessExpressionSyntax Mention, InvocationExpressionSyntax? Caller)> Sources(ExpressionSyntax expression)
    {
        if (IsQuery(expression))
            return [((MemberAccessExpressionSyntax)expression, null)];
        if (expression is ConditionalExpressionSyntax choice)
            return Sources(choice.WhenTrue).Concat(Sources(choice.WhenFalse));
        return Model(expression).GetSymbolInfo(expression).Symbol switch
        {
            IParameterSymbol { ContainingSymbol: IMethodSymbol helper } handed =>
                from call in Invocations
                where NameOf(call) == helper.Name && Symbol(call) is IMethodSymbol called && SymbolEqualityComparer.Default.Equals(called.OriginalDefinition, helper.OriginalDefinition)
                from source in Sources(Argument(call, helper, handed.Name)!)
                select (source.Mention, (InvocationExpressionSyntax?)call),
            IPropertySymbol kept =>
                from creation in Nodes<BaseObjectCreationExpressionSyntax>()
                where creation.DescendantNodes().Any(IsQuery) && Model(creation).GetSymbolInfo(creation).Symbol is IMethodSymbol made && SymbolEqualityComparer.Default.Equals(made.ContainingType, kept.ContainingType)
                let index = ((IMethodSymbol)Model(creation).GetSymbolInfo(creation).Symbol!).Parameters.ToList().FindIndex(each => each.Name == kept.Name)
                from source in Sources(creation.ArgumentList!.Arguments[index].Expression)
                select source,
            ILocalSymbol when expression.FirstAncestorOrSelf<ForEachVariableStatementSyntax>() is { } loop
                && Model(loop).GetSymbolInfo(loop.Expression).Symbol is IFieldSymbol { DeclaringSyntaxReferences: [var table] } =>
                table.GetSyntax().DescendantNodes().Where(IsQuery).Select(each => ((MemberAccessExpressionSyntax)each, (InvocationExpressionSyntax?)null)),
            _ => throw new InvalidOperationException($"{PlaceOf(expression)}: which query '{expression}' is cannot be read."),
        };
    }

    private static string PlaceOf(SyntaxNode node) => $"{node.SyntaxTree.FilePath}({node.GetLocation().GetLineSpan().StartLinePosition.Line + 1})";

    private static string? NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => null,
    };

    private static ExpressionSyntax? Argument(InvocationExpressionSyntax invocation, IMethodSymbol method, string parameter)
    {
        var index = method.Parameters.ToList().FindIndex(each => each.Name == parameter);
        if (index < 0)
            throw new InvalidOperationException($"{method} takes a query but no argument called '{parameter}'.");
        var arguments = invocation.ArgumentList.Arguments;
        return (arguments.FirstOrDefault(each => each.NameColon?.Name.Identifier.ValueText == parameter) ?? arguments.ElementAtOrDefault(index))?.Expression;
    }

    private IEnumerable<string> Names(ExpressionSyntax expression, string place, InvocationExpressionSyntax? caller)
    {
        var type = Model(expression).GetTypeInfo(expression).Type;
        return expression switch
        {
            LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.NullLiteralExpression) => [],
            ConditionalExpressionSyntax choice => Names(choice.WhenTrue, place, caller).Union(Names(choice.WhenFalse, place, caller), StringComparer.Ordinal),
            _ when type is not null && !IsOpaque(type) => Properties(ElementOf(type)),
            InvocationExpressionSyntax call when Symbol(call) is IMethodSymbol { DeclaringSyntaxReferences: [var source] } method => NamesFrom(call, method, source.GetSyntax(), place, caller),
            ObjectCreationExpressionSyntax created => created.ArgumentList?.Arguments.SelectMany(each => Names(each.Expression, place, caller)) ?? [],
            IdentifierNameSyntax name => Model(name).GetSymbolInfo(name).Symbol switch
            {
                ILocalSymbol { DeclaringSyntaxReferences: [var source] } =>
                    Names(((VariableDeclaratorSyntax)source.GetSyntax()).Initializer!.Value, place, caller).Union(Added(name), StringComparer.Ordinal),
                IParameterSymbol handed when caller is not null && Argument(caller, (IMethodSymbol)Symbol(caller)!, handed.Name) is { } argument => Names(argument, PlaceOf(caller), null),
                _ => throw new InvalidOperationException($"{place}: the parameters '{expression}' cannot be read."),
            },
            _ => throw new InvalidOperationException($"{place}: the parameters '{expression}' cannot be read."),
        };
    }

    /// <summary>A helper that creates parameters: the objects in its body, the names it adds, and the arguments of its caller.</summary>
    private IEnumerable<string> NamesFrom(InvocationExpressionSyntax call, IMethodSymbol method, SyntaxNode body, string place, InvocationExpressionSyntax? caller)
    {
        var handed = call.ArgumentList.Arguments.Where((_, index) => IsOpaque(method.Parameters[index].Type)).SelectMany(each => Names(each.Expression, place, caller));
        var made = body.DescendantNodes().OfType<AnonymousObjectCreationExpressionSyntax>().SelectMany(each => Names(each, place, caller));
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

    /// <exception cref="InvalidOperationException">One of them is a time. Only the database's clock may give times.</exception>
    private static IEnumerable<string> Properties(ITypeSymbol type)
    {
        var properties = type.GetMembers().OfType<IPropertySymbol>().Where(each => each is { DeclaredAccessibility: Accessibility.Public, IsStatic: false }).ToList();
        return properties.Find(each => IsTime(each.Type)) is { } time
            ? throw new InvalidOperationException($"{time.Name} of '{type}' is a time, and times are not parameters: use the database's clock.")
            : properties.Select(each => each.Name);
    }

    private static bool IsTime(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var inner] } ? IsTime(inner)
        : type.SpecialType == SpecialType.System_DateTime || type.Name is nameof(DateTimeOffset) or nameof(DateOnly) or nameof(TimeOnly);

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

    /// <summary>Models are cached, because a model keeps what it has bound.</summary>
    private SemanticModel Model(SyntaxNode node) =>
        _models.TryGetValue(node.SyntaxTree, out var known) ? known : _models[node.SyntaxTree] = _compilation.GetSemanticModel(node.SyntaxTree);
}
