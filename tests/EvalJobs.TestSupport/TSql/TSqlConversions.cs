using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>
/// Finds comparisons in which SQL Server would convert an indexed column, row by row, instead of seeking it, and those with a text that a declaration or a CAST has cut
/// shorter than the column.
/// </summary>
/// <remarks>
/// The types of columns come from DacFx. The types of a query's parameters are those the program sends: Dapper sends every text as nvarchar, whatever the header declares. An expression of unknown
/// type (an aggregate, COALESCE, a scalar subquery) is accepted.
/// </remarks>
public sealed class TSqlConversions(TSqlColumnTypes schema)
{
    /// <param name="source">A query or script.</param>
    /// <param name="header">The types of a query's parameters, such as "@Id bigint, @Name nvarchar(200)"; empty for a script.</param>
    public IReadOnlyList<TSqlFailure> Check(TSqlSource source, string header)
    {
        var failures = new List<TSqlFailure>();
        var walk = new Walk(schema, source, failures);
        if (header.Length > 0 && TSqlText.Parse(new(source.File, $"CREATE PROCEDURE dbo.Query\n{header}\nAS RETURN"), failures) is { } declared)
        {
            foreach (var parameter in ((CreateProcedureStatement)declared.Batches[0].Statements[0]).Parameters)
                walk.Variables[parameter.VariableName.Value] = AsSent(TSqlType.Of(parameter.DataType));
        }

        TSqlText.Parse(source, failures)?.Accept(walk);
        return failures;
    }

    /// <summary>Dapper does not know the width of the column. It sends a text as nvarchar(4000), or as nvarchar(max) when it is longer.</summary>
    private static TSqlType AsSent(TSqlType declared) =>
        declared.Option is SqlDataTypeOption.VarChar or SqlDataTypeOption.Char ? new(SqlDataTypeOption.NVarChar, 4000) : declared;

    private sealed class Walk(TSqlColumnTypes schema, TSqlSource source, List<TSqlFailure> failures) : TSqlFragmentVisitor
    {
        /// <summary>Maps an alias or table to its columns, from the outermost query to the innermost.</summary>
        private readonly Stack<Dictionary<string, Dictionary<string, (TSqlType Type, string? Indexed)>>> _scopes = new();

        private readonly Dictionary<string, Dictionary<string, (TSqlType Type, string? Indexed)>> _local = new(StringComparer.Ordinal);

        public Dictionary<string, TSqlType> Variables { get; } = new(StringComparer.Ordinal);

        public override void Visit(DeclareVariableElement node) => Variables[node.VariableName.Value] = TSqlType.Of(node.DataType);

        public override void Visit(DeclareTableVariableBody node) => _local[node.VariableName.Value] = node.Definition.ColumnDefinitions
            .ToDictionary(column => column.ColumnIdentifier.Value, column => (TSqlType.Of(column.DataType), (string?)null), StringComparer.Ordinal);

        public override void ExplicitVisit(QuerySpecification node) => InScope(node.FromClause, null, () => base.ExplicitVisit(node));

        public override void ExplicitVisit(UpdateSpecification node) => InScope(node.FromClause, node.Target, () => base.ExplicitVisit(node));

        public override void ExplicitVisit(DeleteSpecification node) => InScope(node.FromClause, node.Target, () => base.ExplicitVisit(node));

        public override void Visit(BooleanComparisonExpression node)
        {
            Compare(node, node.FirstExpression, node.SecondExpression);
            Compare(node, node.SecondExpression, node.FirstExpression);
        }

        public override void Visit(BooleanTernaryExpression node)
        {
            Compare(node, node.FirstExpression, node.SecondExpression);
            Compare(node, node.FirstExpression, node.ThirdExpression);
        }

        public override void Visit(InPredicate node)
        {
            foreach (var value in node.Values)
                Compare(node, node.Expression, value);
            if (node.Subquery?.QueryExpression is QuerySpecification { SelectElements: [SelectScalarExpression one] } query)
                InScope(query.FromClause, null, () => Compare(node, node.Expression, one.Expression));
        }

        private void Compare(TSqlFragment node, ScalarExpression one, ScalarExpression other)
        {
            if (one is not ColumnReferenceExpression column || Find(column) is not { } found || TypeOf(other) is not { } type)
                return;
            if (found.Indexed is { } indexed && found.Type.IsConvertedWhenComparedWith(type))
                Fail(node, $"{indexed} is {found.Type} and {TSqlText.Of(other)} is {type}: the column is converted row by row. CAST the other side.");
            if (IsDeclared(other) && type.IsShorterThan(found.Type))
                Fail(node, $"{TSqlText.Of(one)} is {found.Type} and {TSqlText.Of(other)} is {type}: a longer text is cut and then equals another row's.");
        }

        /// <summary>A literal is never truncated. A declared variable or a CAST truncates texts to its length.</summary>
        private static bool IsDeclared(ScalarExpression expression) => expression switch
        {
            VariableReference or CastCall or ConvertCall => true,
            ParenthesisExpression inner => IsDeclared(inner.Expression),
            _ => false,
        };

        private void Fail(TSqlFragment node, string message) => failures.Add(new(source.File, node.StartLine, node.StartColumn, message));

        private TSqlType? TypeOf(ScalarExpression expression) => expression switch
        {
            VariableReference variable => Variables.GetValueOrDefault(variable.Name),
            ColumnReferenceExpression column => Find(column)?.Type,
            CastCall cast => TSqlType.Of(cast.DataType),
            ConvertCall convert => TSqlType.Of(convert.DataType),
            ParenthesisExpression inner => TypeOf(inner.Expression),
            StringLiteral { IsNational: true } text => new(SqlDataTypeOption.NVarChar, text.Value.Length),
            StringLiteral text => new(SqlDataTypeOption.VarChar, text.Value.Length),
            IntegerLiteral => new(SqlDataTypeOption.Int, null),
            NumericLiteral => new(SqlDataTypeOption.Numeric, null),
            FunctionCall { FunctionName.Value: "SYSUTCDATETIME" } => new(SqlDataTypeOption.DateTime2, 7),
            FunctionCall { FunctionName.Value: "DATEADD", Parameters: [_, _, var time] } => TypeOf(time),
            FunctionCall { FunctionName.Value: "COUNT" or "LEN" } => new(SqlDataTypeOption.Int, null),
            FunctionCall { FunctionName.Value: "COUNT_BIG" } => new(SqlDataTypeOption.BigInt, null),
            FunctionCall { FunctionName.Value: "CONCAT" } => new(SqlDataTypeOption.NVarChar, 4000),
            _ => null,
        };

        private (TSqlType Type, string? Indexed)? Find(ColumnReferenceExpression reference)
        {
            if (reference.MultiPartIdentifier?.Identifiers is not { Count: > 0 } names)
                return null;
            var column = names[^1].Value;
            foreach (var scope in _scopes)
            {
                var tables = names.Count == 1 ? scope.Values : scope.Where(each => each.Key == string.Join('.', names.SkipLast(1).Select(part => part.Value))).Select(each => each.Value);
                foreach (var table in tables)
                {
                    if (table.TryGetValue(column, out var found))
                        return found;
                }
            }

            return null;
        }

        private void InScope(FromClause? from, TableReference? target, Action body)
        {
            var scope = new Dictionary<string, Dictionary<string, (TSqlType Type, string? Indexed)>>(StringComparer.Ordinal);
            _scopes.Push(scope);
            foreach (var table in from?.TableReferences ?? [])
                Add(scope, table);
            if (target is NamedTableReference named && !scope.ContainsKey(TSqlText.NameOf(named.SchemaObject)))
                Add(scope, named);
            body();
            _scopes.Pop();
        }

        private void Add(Dictionary<string, Dictionary<string, (TSqlType Type, string? Indexed)>> scope, TableReference reference)
        {
            switch (reference)
            {
                case JoinTableReference join:
                    Add(scope, join.FirstTableReference);
                    Add(scope, join.SecondTableReference);
                    break;
                case JoinParenthesisTableReference inner:
                    Add(scope, inner.Join);
                    break;
                case NamedTableReference table:
                    var name = TSqlText.NameOf(table.SchemaObject);
                    scope[table.Alias?.Value ?? table.SchemaObject.BaseIdentifier.Value] = schema.Types.Where(type => type.Key.StartsWith(name + ".", StringComparison.Ordinal))
                        .ToDictionary(type => type.Key[(name.Length + 1)..], type => (type.Value, schema.Indexed.Contains(type.Key) ? type.Key : null), StringComparer.Ordinal);
                    break;
                case VariableTableReference variable when _local.TryGetValue(variable.Variable.Name, out var columns):
                    scope[variable.Alias?.Value ?? variable.Variable.Name] = columns;
                    break;
                case QueryDerivedTable derived:
                    scope[derived.Alias.Value] = Columns(derived.QueryExpression);
                    break;
                case OpenJsonTableReference { SchemaDeclarationItems.Count: 0 } json:
                    scope[json.Alias?.Value ?? "OPENJSON"] = new(StringComparer.Ordinal) { ["value"] = (new TSqlType(SqlDataTypeOption.NVarChar, -1), null) };
                    break;
            }
        }

        /// <summary>A column that only passes through a derived table is still indexed.</summary>
        private Dictionary<string, (TSqlType Type, string? Indexed)> Columns(QueryExpression query)
        {
            var columns = new Dictionary<string, (TSqlType Type, string? Indexed)>(StringComparer.Ordinal);
            while (query is not QuerySpecification)
                query = query is BinaryQueryExpression two ? two.FirstQueryExpression : ((QueryParenthesisExpression)query).QueryExpression;
            var one = (QuerySpecification)query;
            InScope(one.FromClause, null, () =>
            {
                foreach (var element in one.SelectElements.OfType<SelectScalarExpression>())
                {
                    var found = element.Expression is ColumnReferenceExpression column ? Find(column) : TypeOf(element.Expression) is { } type ? (type, null) : null;
                    var name = element.ColumnName?.Value ?? (element.Expression as ColumnReferenceExpression)?.MultiPartIdentifier?.Identifiers[^1].Value;
                    if (found is { } known && name is not null)
                        columns[name] = known;
                }
            });
            return columns;
        }
    }
}
