using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Resolves every table and column a text names, and counts columns where two lists must match.</summary>
/// <remarks>
/// DacFx resolves most names too but gives no positions, and does not check temporary tables, table variables, arguments of
/// OPENJSON, INSERT column counts or UNION column counts. A subquery names the columns of the query around it by their table or alias:
/// without it, SQL Server resolves a name that is missing in the subquery's own tables to a column of the outer query, and the condition is true for every row.
/// Names must be spelled exactly, as in a database with a case-sensitive
/// collation. Tables of the schemas sys and INFORMATION_SCHEMA are assumed to exist with any column.
/// </remarks>
public sealed class TSqlNameResolver(TSqlSource source, IReadOnlyDictionary<string, TSqlTable> tables, ICollection<TSqlFailure> failures)
    : TSqlFragmentVisitor
{
    private static readonly string[] SystemSchemas = ["sys", "INFORMATION_SCHEMA"];

    /// <summary>Temporary tables and table variables, in the order the text creates them.</summary>
    private readonly Dictionary<string, TSqlTable> _local = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>?> _commonTables = new(StringComparer.Ordinal);
    private TSqlScope _scope = new(outer: null);

    /// <summary>The table with IDENTITY_INSERT on, of which an INSERT may name the identity column. As in SQL Server, at most one at a time.</summary>
    private string? _identityInsert;

    // ---- Statements

    public override void ExplicitVisit(DeclareTableVariableStatement node) =>
        AddLocal(node.Body.VariableName.Value, node.Body.Definition);

    public override void ExplicitVisit(CreateTableStatement node)
    {
        var name = TSqlText.NameOf(node.SchemaObjectName);
        if (name.StartsWith('#'))
            AddLocal(name, node.Definition);
    }

    public override void ExplicitVisit(CreateIndexStatement node)
    {
        var known = Table(node.OnName)?.Columns.Select(column => column.Name).ToList();
        InScope([new(string.Empty, null, known)], () =>
        {
            foreach (var column in node.Columns.Select(column => column.Column).Concat(node.IncludeColumns))
                column.Accept(this);
            node.FilterPredicate?.Accept(this);
        });
    }

    public override void ExplicitVisit(SelectStatement node) => WithCommonTables(node, () =>
    {
        var columns = Columns(node.QueryExpression);
        if (node.Into is not null)
            _local[TSqlText.NameOf(node.Into)] = new(TSqlText.NameOf(node.Into), (columns ?? []).Select(name => new TSqlColumn(name, IsRequired: false, IsReadOnly: false)).ToList());
    });

    public override void ExplicitVisit(InsertStatement node) => WithCommonTables(node, () => Insert(node.InsertSpecification));

    public override void ExplicitVisit(UpdateStatement node) => WithCommonTables(node, () => Update(node.UpdateSpecification));

    public override void ExplicitVisit(DeleteStatement node) => WithCommonTables(node, () =>
    {
        var delete = node.DeleteSpecification;
        Change(delete, delete.FromClause, ["deleted"], _ => delete.WhereClause?.Accept(this));
    });

    public override void ExplicitVisit(SetIdentityInsertStatement node) =>
        _identityInsert = node.IsOn ? Table(node.Table)?.Name : null;

    public override void ExplicitVisit(MergeStatement node) => Fail(node, "The compiler does not support MERGE, and this project does not use it.");

    private void Insert(InsertSpecification insert)
    {
        var target = Target(insert.Target);
        insert.TopRowFilter?.Accept(this);
        foreach (var column in insert.Columns)
            EnsureColumn(target, column);

        var named = insert.Columns.Count > 0
            ? insert.Columns.Select(NameOf).ToList()
            : target?.Columns.Where(column => !column.IsReadOnly).Select(column => column.Name).ToList();
        EnsureWritable(target, insert, named);

        switch (insert.InsertSource)
        {
            case ValuesInsertSource { IsDefaultValues: false } values:
                foreach (var row in values.RowValues)
                {
                    EnsureCount(row, named?.Count, row.ColumnValues.Count, "values");
                    row.Accept(this);
                }

                break;
            case SelectInsertSource select:
                EnsureCount(select, named?.Count, Columns(select.Select)?.Count, "selected columns");
                break;
        }

        Output(insert, target, ["inserted"], []);
    }

    private void Update(UpdateSpecification update) => Change(update, update.FromClause, ["inserted", "deleted"], target =>
    {
        foreach (var clause in update.SetClauses.OfType<AssignmentSetClause>())
        {
            if (clause.Column is not null)
            {
                EnsureColumn(target, clause.Column);
                if (target?.Columns.FirstOrDefault(column => column.Name == NameOf(clause.Column)) is { IsReadOnly: true })
                    Fail(clause, $"{NameOf(clause.Column)} cannot be updated: identity, computed or rowversion.");
            }

            clause.NewValue.Accept(this);
        }

        update.WhereClause?.Accept(this);
    });

    /// <summary>The common part of UPDATE and DELETE: the target is a FROM clause's source, by alias or name, or a table of its own.</summary>
    private void Change(UpdateDeleteSpecificationBase change, FromClause? from, string[] images, Action<TSqlTable?> body)
    {
        var targetName = change.Target is NamedTableReference named ? TSqlText.NameOf(named.SchemaObject) : null;
        TSqlTable? target = null;
        IReadOnlyList<TSqlRowSource> others = [];
        InScope([], () =>
        {
            AddSources(from);
            var aliased = _scope.Sources.FirstOrDefault(one => one.Name == targetName || one.Table == targetName);
            others = _scope.Sources.Where(one => one != aliased).ToList();
            if (aliased is null)
            {
                target = Target(change.Target);
                if (target is not null)
                    _scope.Add(new(target.Name.Split('.')[^1], target.Name, target.Columns.Select(column => column.Name).ToList()));
            }
            else
            {
                target = TableBehind(from!, targetName!) ?? AsTable(aliased);
            }

            change.TopRowFilter?.Accept(this);
            body(target);
        });
        Output(change, target, images, others);
    }

    private void Output(DataModificationSpecification change, TSqlTable? target, string[] images, IReadOnlyList<TSqlRowSource> others)
    {
        var columns = target?.Columns.Select(column => column.Name).ToList();
        InScope([.. images.Select(image => new TSqlRowSource(image, null, columns)), .. others], () =>
        {
            change.OutputClause?.Accept(this);
            if (change.OutputIntoClause is not { } into)
                return;

            foreach (var element in into.SelectColumns)
                element.Accept(this);
            var table = Target(into.IntoTable);
            foreach (var column in into.IntoTableColumns)
                EnsureColumn(table, column);
            var count = into.IntoTableColumns.Count > 0 ? into.IntoTableColumns.Count : table?.Columns.Count(column => !column.IsReadOnly);
            var hasStar = into.SelectColumns.Any(element => element is SelectStarExpression);
            EnsureCount(into, count, hasStar ? null : into.SelectColumns.Count, "output columns");
        });
    }

    private void WithCommonTables(StatementWithCtesAndXmlNamespaces statement, Action body)
    {
        var common = statement.WithCtesAndXmlNamespaces?.CommonTableExpressions ?? [];
        foreach (var table in common)
        {
            var name = table.ExpressionName.Value;
            _commonTables[name] = null; // A common table expression may name itself (recursion).
            var columns = Columns(table.QueryExpression);
            _commonTables[name] = table.Columns.Count > 0 ? Renamed(table, table.Columns, columns?.Count) : columns;
        }

        body();
        foreach (var table in common)
            _commonTables.Remove(table.ExpressionName.Value);
    }

    // ---- Queries

    public override void ExplicitVisit(QuerySpecification node) => Columns(node);

    public override void ExplicitVisit(BinaryQueryExpression node) => Columns(node);

    public override void ExplicitVisit(QueryParenthesisExpression node) => Columns(node);

    /// <summary>Resolves a query and names its columns, empty for those without a name; null when they cannot be known.</summary>
    private IReadOnlyList<string>? Columns(QueryExpression query) => query switch
    {
        QuerySpecification one => Columns(one),
        BinaryQueryExpression two => Columns(two),
        QueryParenthesisExpression inner => Columns(inner.QueryExpression),
        _ => null,
    };

    private IReadOnlyList<string>? Columns(BinaryQueryExpression query)
    {
        var first = Columns(query.FirstQueryExpression);
        var second = Columns(query.SecondQueryExpression);
        EnsureCount(query.SecondQueryExpression, first?.Count, second?.Count, "columns after the set operator");
        InScope([new(string.Empty, null, first)], () => query.OrderByClause?.Accept(this));
        return first;
    }

    private List<string>? Columns(QuerySpecification query)
    {
        List<string>? names = [];
        InScope([], () =>
        {
            AddSources(query.FromClause);
            query.TopRowFilter?.Accept(this);
            foreach (var element in query.SelectElements)
            {
                element.Accept(this);
                if (Names(element) is { } more)
                    names?.AddRange(more);
                else
                    names = null;
            }

            query.WhereClause?.Accept(this);
            query.GroupByClause?.Accept(this);
            query.HavingClause?.Accept(this);
            query.OffsetClause?.Accept(this);
            foreach (var order in query.OrderByClause?.OrderByElements ?? [])
            {
                // A name without qualifier may be a column of the result; inside an expression it may not.
                if (order.Expression is not ColumnReferenceExpression { MultiPartIdentifier.Identifiers: [{ Value: var name }] } || names?.Contains(name) == false)
                    order.Expression.Accept(this);
            }
        });
        return names;
    }

    private List<string>? Names(SelectElement element) => element switch
    {
        SelectScalarExpression { ColumnName: { } alias } => [alias.Value],
        SelectScalarExpression { Expression: ColumnReferenceExpression column } => [NameOf(column)],
        SelectScalarExpression => [string.Empty],
        SelectStarExpression { Qualifier: null } => Flatten(_scope.Sources),
        SelectStarExpression star => _scope.Find(Qualifier(star)) is { } found ? Flatten([found]) : null,
        _ => [],
    };

    private static List<string>? Flatten(IReadOnlyList<TSqlRowSource> sources) =>
        sources.Any(one => one.Columns is null) ? null : sources.SelectMany(one => one.Columns!).ToList();

    private void AddSources(FromClause? from)
    {
        foreach (var table in from?.TableReferences ?? [])
            AddSource(table, isLateral: false);
    }

    private void AddSource(TableReference reference, bool isLateral)
    {
        switch (reference)
        {
            case QualifiedJoin join:
                AddSource(join.FirstTableReference, isLateral);
                AddSource(join.SecondTableReference, isLateral);
                join.SearchCondition.Accept(this);
                break;
            case UnqualifiedJoin join:
                AddSource(join.FirstTableReference, isLateral);
                AddSource(join.SecondTableReference, join.UnqualifiedJoinType is UnqualifiedJoinType.CrossApply or UnqualifiedJoinType.OuterApply);
                break;
            case JoinParenthesisTableReference inner:
                AddSource(inner.Join, isLateral);
                break;
            case NamedTableReference table:
                AddNamed(table);
                break;
            case VariableTableReference variable:
                Add(reference, new(variable.Alias?.Value ?? variable.Variable.Name, null, ColumnsOf(Target(variable))));
                break;
            case QueryDerivedTable derived:
                var columns = isLateral ? Columns(derived.QueryExpression) : Outside(() => Columns(derived.QueryExpression));
                Add(reference, new(derived.Alias.Value, null, derived.Columns.Count > 0 ? Renamed(derived, derived.Columns, columns?.Count) : columns));
                break;
            case InlineDerivedTable values:
                foreach (var row in values.RowValues)
                {
                    EnsureCount(row, values.Columns.Count, row.ColumnValues.Count, "values");
                    row.Accept(this);
                }

                Add(reference, new(values.Alias.Value, null, Texts(values.Columns)));
                break;
            case OpenJsonTableReference json:
                json.Variable.Accept(this);
                json.RowPattern?.Accept(this);
                Add(reference, new(json.Alias?.Value ?? string.Empty, null, json.SchemaDeclarationItems.Count > 0
                    ? json.SchemaDeclarationItems.Select(item => item.ColumnDefinition.ColumnIdentifier.Value).ToList()
                    : ["key", "value", "type"]));
                break;
            case GlobalFunctionTableReference function:
                foreach (var argument in function.Parameters)
                    argument.Accept(this);
                Add(reference, new(function.Alias?.Value ?? string.Empty, null, function.Name.Value.Equals("STRING_SPLIT", StringComparison.OrdinalIgnoreCase) ? ["value"] : null));
                break;
            case SchemaObjectFunctionTableReference function:
                foreach (var argument in function.Parameters)
                    argument.Accept(this);
                Add(reference, new(function.Alias?.Value ?? function.SchemaObject.BaseIdentifier.Value, null, function.Columns.Count > 0 ? Texts(function.Columns) : null));
                break;
            default:
                Add(reference, new((reference as TableReferenceWithAlias)?.Alias?.Value ?? string.Empty, null, null));
                break;
        }
    }

    private void AddNamed(NamedTableReference reference)
    {
        var name = TSqlText.NameOf(reference.SchemaObject);
        var alias = reference.Alias?.Value;
        var columns = _commonTables.TryGetValue(name, out var common) ? common : ColumnsOf(Table(reference.SchemaObject));
        Add(reference, new(alias ?? reference.SchemaObject.BaseIdentifier.Value, alias is null ? name : null, columns));
    }

    private void Add(TableReference reference, TSqlRowSource added)
    {
        if (!_scope.Add(added))
            Fail(reference, $"Two tables are called {added.Name}.");
    }

    // ---- Expressions

    public override void ExplicitVisit(ColumnReferenceExpression node)
    {
        if (node.ColumnType == ColumnType.Regular
            && _scope.FindError(node.MultiPartIdentifier.Identifiers.Select(part => part.Value).ToList()) is { } error)
            Fail(node, error);
    }

    public override void ExplicitVisit(SelectStarExpression node)
    {
        if (node.Qualifier is not null && _scope.Find(Qualifier(node)) is null)
            Fail(node, $"Unknown table or alias {Qualifier(node)} in {Qualifier(node)}.*.");
    }

    public override void ExplicitVisit(FunctionCall node)
    {
        node.CallTarget?.Accept(this);
        node.OverClause?.Accept(this);
        node.WithinGroupClause?.Accept(this);
        foreach (var argument in node.Parameters.Skip(TSqlFunctions.TakesDatePart(node) ? 1 : 0))
            argument.Accept(this);
    }

    // ---- Tables

    private void AddLocal(string name, TableDefinition definition) => _local[name] = TSqlTable.Of(name, definition);

    private TSqlTable? Target(TableReference reference)
    {
        switch (reference)
        {
            case NamedTableReference named:
                return Table(named.SchemaObject);
            case VariableTableReference variable when !_local.ContainsKey(variable.Variable.Name):
                Fail(variable, $"Unknown table variable {variable.Variable.Name}.");
                return null;
            case VariableTableReference variable:
                return _local[variable.Variable.Name];
            default:
                return null;
        }
    }

    private TSqlTable? Table(SchemaObjectName name)
    {
        var text = TSqlText.NameOf(name);
        if (tables.TryGetValue(text, out var table) || _local.TryGetValue(text, out table))
            return table;
        if (!SystemSchemas.Contains(name.SchemaIdentifier?.Value, StringComparer.Ordinal) && !_commonTables.ContainsKey(text))
            Fail(name, $"Unknown table {text}.");
        return null;
    }

    private TSqlTable? TableBehind(FromClause from, string targetName)
    {
        var finder = new NamedTables();
        from.Accept(finder);
        var named = finder.Found.Find(table => table.Alias?.Value == targetName || TSqlText.NameOf(table.SchemaObject) == targetName || table.SchemaObject.BaseIdentifier.Value == targetName);
        return named is not null && (tables.TryGetValue(TSqlText.NameOf(named.SchemaObject), out var table) || _local.TryGetValue(TSqlText.NameOf(named.SchemaObject), out table)) ? table : null;
    }

    private static TSqlTable? AsTable(TSqlRowSource rows) => rows.Columns is null ? null
        : new(rows.Name, rows.Columns.Select(name => new TSqlColumn(name, IsRequired: false, IsReadOnly: false)).ToList());

    private static List<string>? ColumnsOf(TSqlTable? table) => table?.Columns.Select(column => column.Name).ToList();

    // ---- Rules

    private void EnsureColumn(TSqlTable? table, ColumnReferenceExpression column)
    {
        if (table is not null && column.ColumnType == ColumnType.Regular && table.Columns.All(one => one.Name != NameOf(column)))
            Fail(column, $"Unknown column {NameOf(column)} of {table.Name}.");
    }

    private void EnsureWritable(TSqlTable? target, InsertSpecification insert, List<string>? named)
    {
        foreach (var column in target?.Columns ?? [])
        {
            if (column.IsRequired && named?.Contains(column.Name) == false)
                Fail(insert, $"INSERT leaves out {target!.Name}.{column.Name}, which is NOT NULL and has no default.");
            if (column.IsReadOnly && named?.Contains(column.Name) == true && target!.Name != _identityInsert)
                Fail(insert, $"INSERT names {target!.Name}.{column.Name}, which is identity, computed or rowversion.");
        }
    }

    private void EnsureCount(TSqlFragment node, int? expected, int? actual, string what)
    {
        if (expected is not null && actual is not null && expected != actual)
            Fail(node, $"{actual} {what} where {expected} are expected.");
    }

    private List<string> Renamed(TSqlFragment node, IList<Identifier> columns, int? count)
    {
        EnsureCount(node, columns.Count, count, "columns");
        return Texts(columns);
    }

    // ---- Helpers

    private void InScope(IEnumerable<TSqlRowSource> sources, Action body)
    {
        var outer = _scope;
        _scope = new(outer);
        foreach (var one in sources)
            _scope.Add(one);
        body();
        _scope = outer;
    }

    /// <summary>A derived table cannot use the other tables in FROM, only those of the queries around this one.</summary>
    private T Outside<T>(Func<T> body)
    {
        var inner = _scope;
        _scope = inner.Outer!;
        var result = body();
        _scope = inner;
        return result;
    }

    private void Fail(TSqlFragment node, string message) =>
        failures.Add(new(source.File, node.StartLine, node.StartColumn, message));

    private static string NameOf(ColumnReferenceExpression column) => column.MultiPartIdentifier?.Identifiers[^1].Value ?? string.Empty;

    private static string Qualifier(SelectStarExpression star) => string.Join('.', star.Qualifier.Identifiers.Select(part => part.Value));

    private static List<string> Texts(IEnumerable<Identifier> identifiers) => identifiers.Select(identifier => identifier.Value).ToList();

    private sealed class NamedTables : TSqlFragmentVisitor
    {
        public List<NamedTableReference> Found { get; } = [];

        public override void Visit(NamedTableReference node) => Found.Add(node);

        public override void ExplicitVisit(QueryDerivedTable node)
        {
            // The tables of a subquery do not belong to the clause.
        }
    }
}
