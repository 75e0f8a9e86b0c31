using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Finds T-SQL that SQL Server accepts but this project does not allow (DESIGN, section 8).</summary>
public static partial class TSqlStyle
{
    private static readonly HashSet<string> VarcharColumns =
        [.. ProductSql.SqlServerMigrations.SelectMany(migration => VarcharColumn().Matches(migration.Text)).Select(match => match.Groups["name"].Value)];

    /// <summary>
    /// Finds MERGE, UPDATE or DELETE through a common table expression, NOLOCK in both its spellings, and the comparison of a parameter, which
    /// is sent as nvarchar, with a varchar column.
    /// </summary>
    /// <remarks>Newer syntax than that of SQL Server 2019 already fails in the parser, newer functions in <see cref="TSqlFunctions"/>.</remarks>
    public static IReadOnlyList<TSqlFailure> Check(TSqlSource source)
    {
        var failures = new List<TSqlFailure>();
        TSqlText.Parse(source, failures)?.Accept(new Rules(source, failures));
        return failures;
    }

    private sealed class Rules(TSqlSource source, List<TSqlFailure> failures) : TSqlFragmentVisitor
    {
        private readonly HashSet<string> _declared = [];

        public override void Visit(MergeStatement node) => Fail(node, "MERGE: write UPDATE and INSERT; MERGE has race conditions and bugs.");

        public override void Visit(UpdateStatement node) => EnsurePlainTarget(node, node.UpdateSpecification.Target, node.UpdateSpecification.FromClause);

        public override void Visit(DeleteStatement node) => EnsurePlainTarget(node, node.DeleteSpecification.Target, node.DeleteSpecification.FromClause);

        public override void Visit(TableHint node)
        {
            if (node.HintKind is TableHintKind.NoLock or TableHintKind.ReadUncommitted)
                Fail(node, "NOLOCK: it can read rows twice, miss rows, or read rows that are never committed.");
        }

        public override void Visit(SetTransactionIsolationLevelStatement node)
        {
            if (node.Level == IsolationLevel.ReadUncommitted)
                Fail(node, "READ UNCOMMITTED: it is NOLOCK for all statements after it.");
        }

        public override void Visit(DeclareVariableElement node) => _declared.Add(node.VariableName.Value);

        public override void Visit(BooleanComparisonExpression node)
        {
            EnsureCast(node.FirstExpression, node.SecondExpression);
            EnsureCast(node.SecondExpression, node.FirstExpression);
        }

        private void EnsureCast(ScalarExpression one, ScalarExpression other)
        {
            if (one is ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [.., { Value: var column }] } && VarcharColumns.Contains(column)
                && other is VariableReference { Name: var parameter } && !_declared.Contains(parameter))
                Fail(other, $"{column} is varchar and {parameter} is sent as nvarchar: CAST({parameter} AS varchar(20)), or the column is converted row by row.");
        }

        private void EnsurePlainTarget(StatementWithCtesAndXmlNamespaces statement, TableReference target, FromClause? from)
        {
            if (target is not NamedTableReference { SchemaObject: var name } || statement.WithCtesAndXmlNamespaces is not { } with)
                return;

            var tables = new NamedTables();
            from?.Accept(tables);
            var alias = TSqlText.NameOf(name);
            var behind = tables.Found.Find(table => table.Alias?.Value == alias) is { } aliased ? TSqlText.NameOf(aliased.SchemaObject) : alias;
            if (with.CommonTableExpressions.Any(common => common.ExpressionName.Value == behind))
                Fail(target, $"{behind} is a common table expression: update the table itself, joined with the chosen keys.");
        }

        private void Fail(TSqlFragment node, string message) => failures.Add(new(source.File, node.StartLine, node.StartColumn, message));
    }

    [GeneratedRegex(@"^\s+\[?(?<name>\w+)\]? (var)?char\(", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VarcharColumn();

    private sealed class NamedTables : TSqlFragmentVisitor
    {
        public List<NamedTableReference> Found { get; } = [];

        public override void Visit(NamedTableReference node) => Found.Add(node);
    }
}
