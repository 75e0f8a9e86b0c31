using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>The names of the columns a query file returns.</summary>
public static class TSqlResult
{
    /// <returns>The names in order; empty when the query returns no rows. A column without a name is "".</returns>
    /// <exception cref="InvalidOperationException">Syntax errors, a star, or more than one statement that returns rows.</exception>
    public static IReadOnlyList<string> Columns(TSqlSource query)
    {
        var failures = new List<TSqlFailure>();
        var script = TSqlText.Parse(query, failures)
            ?? throw new InvalidOperationException(string.Join(Environment.NewLine, failures));
        var results = new Results();
        script.Accept(results);
        return results.Found.Count switch
        {
            0 => [],
            1 => results.Found[0].Select(Name).ToList(),
            var count => throw new InvalidOperationException($"{query.File} has {count} statements that return rows; at most one is allowed."),
        };
    }

    private static string Name(SelectElement element) => element switch
    {
        SelectScalarExpression { ColumnName: { } alias } => alias.Value,
        SelectScalarExpression { Expression: ColumnReferenceExpression { MultiPartIdentifier: { } column } } => column.Identifiers[^1].Value,
        SelectScalarExpression => string.Empty,
        _ => throw new InvalidOperationException($"Line {element.StartLine}: name the columns instead of '{TSqlText.Of(element)}'."),
    };

    private sealed class Results : TSqlFragmentVisitor
    {
        public List<IList<SelectElement>> Found { get; } = [];

        public override void ExplicitVisit(SelectStatement node)
        {
            var first = First(node.QueryExpression);
            if (node.Into is null && !first.SelectElements.Any(element => element is SelectSetVariable))
                Found.Add(first.SelectElements);
        }

        public override void ExplicitVisit(InsertStatement node) => Add(node.InsertSpecification);

        public override void ExplicitVisit(UpdateStatement node) => Add(node.UpdateSpecification);

        public override void ExplicitVisit(DeleteStatement node) => Add(node.DeleteSpecification);

        private void Add(DataModificationSpecification change)
        {
            if (change.OutputClause is { } output)
                Found.Add(output.SelectColumns);
        }

        private static QuerySpecification First(QueryExpression query) => query switch
        {
            BinaryQueryExpression two => First(two.FirstQueryExpression),
            QueryParenthesisExpression inner => First(inner.QueryExpression),
            _ => (QuerySpecification)query,
        };
    }
}
