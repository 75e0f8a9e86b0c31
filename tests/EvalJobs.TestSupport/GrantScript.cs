using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>The statements of scripts/02-grants.sql. The script builds them from the rows of a table, so no other test compiles them.</summary>
public static class GrantScript
{
    /// <returns>The GRANT and DENY statements that the script builds.</returns>
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
