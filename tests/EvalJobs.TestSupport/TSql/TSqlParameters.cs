using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>A query file's header line <c>-- Parameters: @TenantId bigint, @Owner nvarchar(200)</c>, or <c>-- Parameters: none</c>.</summary>
/// <remarks>A file has exactly one such line, which starts in the first column. Types are T-SQL types; names are spelled as in the query.</remarks>
public sealed partial record TSqlParameters(string Declaration, int Line, IReadOnlyList<string> Names)
{
    /// <summary>For a batch of a script, which declares all its variables itself.</summary>
    public static TSqlParameters None { get; } = new(string.Empty, 1, []);

    /// <returns>The declared parameters, or null when the header is missing or cannot be read; the reasons are then in <paramref name="failures"/>.</returns>
    public static TSqlParameters? Read(TSqlSource query, ICollection<TSqlFailure> failures)
    {
        var headers = Header().Matches(query.Text);
        if (headers.Count != 1)
        {
            failures.Add(new(query.File, 1, 1, $"Has {headers.Count} lines '-- Parameters: ...' instead of one."));
            return null;
        }

        var line = query.Text.AsSpan(0, headers[0].Index).Count('\n') + 1;
        var list = headers[0].Groups["list"].Value.Trim();
        if (list == "none")
            return new(string.Empty, line, []);

        var errors = new List<TSqlFailure>();
        var script = TSqlText.Parse(new(query.File, $"CREATE PROCEDURE dbo.Query\n{list}\nAS RETURN"), errors);
        var declared = (script?.Batches.Single().Statements.Single() as CreateProcedureStatement)?.Parameters;
        if (declared is null || declared.Count == 0)
        {
            failures.Add(new(query.File, line, 1, $"Unreadable parameter list '{list}': {string.Join(' ', errors.Select(error => error.Message))}"));
            return null;
        }

        return new(list, line, declared.Select(parameter => parameter.VariableName.Value).ToList());
    }

    /// <summary>Compares the header with what the text uses.</summary>
    public IEnumerable<TSqlFailure> Compare(TSqlSource query, TSqlFragment batch)
    {
        var variables = new Variables();
        batch.Accept(variables);

        var undeclared = variables.Used
            .Where(used => !Names.Contains(used.Name, StringComparer.Ordinal) && !variables.Declared.Contains(used.Name))
            .Select(used => new TSqlFailure(query.File, used.StartLine, used.StartColumn, $"{used.Name} is not declared, neither in a header nor in this batch."));
        var unused = Names
            .Where(name => variables.Used.All(used => used.Name != name))
            .Select(name => new TSqlFailure(query.File, Line, 1, $"{name} is in the header's parameters but not used."));
        return undeclared.Concat(unused);
    }

    [GeneratedRegex(@"^-- Parameters:(?<list>[^\r\n]*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Header();

    private sealed class Variables : TSqlFragmentVisitor
    {
        public List<VariableReference> Used { get; } = [];

        public HashSet<string> Declared { get; } = new(StringComparer.Ordinal);

        public override void Visit(VariableReference node) => Used.Add(node);

        public override void Visit(DeclareVariableElement node) => Declared.Add(node.VariableName.Value);

        public override void Visit(DeclareTableVariableBody node) => Declared.Add(node.VariableName.Value);

        // EXEC procedure @Name = value: the name is the procedure's parameter.
        public override void ExplicitVisit(ExecuteParameter node) => node.ParameterValue?.Accept(this);
    }
}
