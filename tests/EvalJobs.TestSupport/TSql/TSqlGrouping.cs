using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Finds columns in a query with an aggregate or GROUP BY that are neither grouped nor aggregated themselves.</summary>
/// <remarks>Compares the last part of names, so it may miss an error where two tables share a column name. It reports no false errors.</remarks>
public sealed class TSqlGrouping(TSqlSource source, ICollection<TSqlFailure> failures) : TSqlFragmentVisitor
{
    public override void Visit(QuerySpecification node)
    {
        var grouped = new HashSet<string>(StringComparer.Ordinal);
        foreach (var grouping in node.GroupByClause?.GroupingSpecifications ?? [])
        {
            // GROUPING SETS, ROLLUP and grouping by CASE or CAST are not supported, so they are not checked.
            if (grouping is not ExpressionGroupingSpecification { Expression: var expression } || expression is not (ColumnReferenceExpression or FunctionCall))
                return;
            grouped.Add(Normal(expression));
        }

        var finder = new Finder(grouped);
        foreach (var element in node.SelectElements)
            element.Accept(finder);
        node.HavingClause?.Accept(finder);
        var aliases = node.SelectElements.OfType<SelectScalarExpression>().Select(element => element.ColumnName?.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var order in node.OrderByClause?.OrderByElements ?? [])
        {
            if (!aliases.Contains(TSqlText.Of(order.Expression)))
                order.Expression.Accept(finder);
        }

        if (node.GroupByClause is null && !finder.HasAggregate)
            return;
        foreach (var column in finder.Bare)
            failures.Add(new(source.File, column.StartLine, column.StartColumn, $"{TSqlText.Of(column)} is neither grouped nor aggregated."));
    }

    private static string Normal(TSqlFragment expression) =>
        expression is ColumnReferenceExpression { MultiPartIdentifier: { } name } ? name.Identifiers[^1].Value : TSqlText.Of(expression);

    private sealed class Finder(HashSet<string> grouped) : TSqlFragmentVisitor
    {
        public bool HasAggregate { get; private set; }

        public List<ColumnReferenceExpression> Bare { get; } = [];

        public override void ExplicitVisit(FunctionCall node)
        {
            if (TSqlFunctions.IsAggregate(node))
            {
                HasAggregate = true;
                return;
            }

            if (grouped.Contains(Normal(node)))
                return;
            node.OverClause?.Accept(this);
            foreach (var argument in node.Parameters.Skip(TSqlFunctions.TakesDatePart(node) ? 1 : 0))
                argument.Accept(this);
        }

        public override void ExplicitVisit(SelectScalarExpression node)
        {
            if (!grouped.Contains(Normal(node.Expression)))
                node.Expression.Accept(this);
        }

        public override void ExplicitVisit(ColumnReferenceExpression node)
        {
            if (node.ColumnType == ColumnType.Regular && !grouped.Contains(Normal(node)))
                Bare.Add(node);
        }

        public override void ExplicitVisit(ScalarSubquery node)
        {
            // A subquery is a separate query.
        }

        public override void ExplicitVisit(QuerySpecification node)
        {
            // The same for a subquery in EXISTS.
        }
    }
}
