using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>scripts/02-grants.sql as statements: it composes them of the rows of a table, which nothing else would compile.</summary>
public static class GrantScript
{
    /// <returns>Its GRANTs and DENYs, as it composes them.</returns>
    public static IReadOnlyList<string> Statements() =>
        [.. Rights().Select(row => $"{row[1]} {row[2]}{(row[3].Length > 0 ? " ON " + row[3] : "")} TO {row[0]}")];

    public static IReadOnlyList<string> Roles() => [.. Rights().Select(row => row[0]).Distinct(StringComparer.Ordinal)];

    private static List<List<string>> Rights()
    {
        var rows = new Rows();
        TSqlText.Parse(AdminScript.Named("02-grants").Source, [])!.Accept(rows);
        return rows.Found;
    }

    private sealed class Rows : TSqlFragmentVisitor
    {
        /// <summary>Role, GRANT or DENY, permission, and on what; empty means the database.</summary>
        public List<List<string>> Found { get; } = [];

        public override void Visit(InsertSpecification node)
        {
            if (node is { Target: VariableTableReference { Variable.Name: "@Right" }, InsertSource: ValuesInsertSource values })
                Found.AddRange(values.RowValues.Select(row => row.ColumnValues.Cast<StringLiteral>().Select(value => value.Value).ToList()));
        }
    }
}
