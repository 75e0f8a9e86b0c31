using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>Reads from T-SQL which tables of schema eval a statement uses, in the order of its locks.</summary>
/// <remarks>
/// First come the tables it reads: FROM, then WHERE, then the selected columns. Then come the tables it writes. Last come the tables that SQL Server checks
/// by itself: for an INSERT its parents, for a DELETE the tables that may refer to its rows, for an UPDATE the parents of the keys it sets.
/// </remarks>
internal sealed class TableAccessReader
{
    private const string Schema = "eval.";

    private static readonly HashSet<TableHintKind> HeldHints =
    [
        TableHintKind.UpdLock, TableHintKind.XLock, TableHintKind.HoldLock, TableHintKind.Serializable, TableHintKind.RepeatableRead, TableHintKind.TabLockX,
    ];

    private readonly List<(string Child, HashSet<string> Columns, string Parent)> _keys;

    /// <param name="migrations">The migrations, which define the foreign keys.</param>
    public TableAccessReader(IEnumerable<TSqlSource> migrations)
    {
        var keys = new ForeignKeys();
        foreach (var migration in migrations)
            TSqlText.Parse(migration, [])!.Accept(keys);
        _keys = keys.Found;
    }

    /// <summary>The accesses of every statement in the fragment.</summary>
    public IReadOnlyList<TableAccess> Read(TSqlFragment fragment)
    {
        var walk = new Walk(this);
        fragment.Accept(walk);
        return walk.Found;
    }

    private IEnumerable<TableAccess> ParentsOf(string table, Func<HashSet<string>, bool> isSet) =>
        _keys.Where(key => key.Child == table && isSet(key.Columns)).Select(key => new TableAccess(key.Parent, TableAccessKind.Read));

    private IEnumerable<TableAccess> ChildrenOf(string table) =>
        _keys.Where(key => key.Parent == table).Select(key => new TableAccess(key.Child, TableAccessKind.Read));

    private static string? Ours(SchemaObjectName name) =>
        TSqlText.NameOf(name) is var text && text.StartsWith(Schema, StringComparison.Ordinal) ? text[Schema.Length..] : null;

    private sealed class Walk(TableAccessReader reader) : TSqlFragmentVisitor
    {
        private NamedTableReference? _target;

        public List<TableAccess> Found { get; } = [];

        public override void ExplicitVisit(QuerySpecification node)
        {
            node.FromClause?.Accept(this);
            node.WhereClause?.Accept(this);
            foreach (var element in node.SelectElements)
                element.Accept(this);
            node.HavingClause?.Accept(this);
            node.OrderByClause?.Accept(this);
        }

        public override void ExplicitVisit(NamedTableReference node)
        {
            if (node != _target && Ours(node.SchemaObject) is { } table)
                Found.Add(new(table, node.TableHints.Any(hint => HeldHints.Contains(hint.HintKind)) ? TableAccessKind.Lock : TableAccessKind.Read));
        }

        public override void ExplicitVisit(InsertStatement node)
        {
            node.InsertSpecification.InsertSource.Accept(this);
            if (node.InsertSpecification.Target is not NamedTableReference target || Ours(target.SchemaObject) is not { } table)
                return;
            Found.Add(new(table, TableAccessKind.Insert));
            Found.AddRange(reader.ParentsOf(table, _ => true));
        }

        public override void ExplicitVisit(UpdateStatement node)
        {
            var update = node.UpdateSpecification;
            if (Change(update, update.FromClause, update.SetClauses) is not { } table)
                return;
            var set = update.SetClauses.OfType<AssignmentSetClause>().Select(clause => clause.Column?.MultiPartIdentifier.Identifiers[^1].Value).ToList();
            Found.AddRange(reader.ParentsOf(table, columns => columns.Overlaps(set!)));
        }

        public override void ExplicitVisit(DeleteStatement node)
        {
            if (Change(node.DeleteSpecification, node.DeleteSpecification.FromClause, []) is { } table)
                Found.AddRange(reader.ChildrenOf(table));
        }

        /// <returns>The table that is changed; null when it is not in schema eval.</returns>
        private string? Change(UpdateDeleteSpecificationBase change, FromClause? from, IEnumerable<SetClause> sets)
        {
            var target = change.Target as NamedTableReference;
            var aliased = target is null ? null : Aliased(from, TSqlText.NameOf(target.SchemaObject));
            var outer = _target;
            _target = aliased ?? target;
            from?.Accept(this);
            change.WhereClause?.Accept(this);
            foreach (var set in sets)
                set.Accept(this);
            var table = _target is null ? null : Ours(_target.SchemaObject);
            _target = outer;
            if (table is not null)
                Found.Add(new(table, TableAccessKind.Write));
            return table;
        }

        private static NamedTableReference? Aliased(FromClause? from, string name)
        {
            var tables = new OuterTables();
            foreach (var table in from?.TableReferences ?? [])
                table.Accept(tables);
            return tables.Found.Find(table => table.Alias?.Value == name);
        }
    }

    private sealed class OuterTables : TSqlFragmentVisitor
    {
        public List<NamedTableReference> Found { get; } = [];

        public override void ExplicitVisit(NamedTableReference node) => Found.Add(node);

        public override void ExplicitVisit(QueryDerivedTable node)
        {
            // The aliases of a subquery are local to it.
        }
    }

    private sealed class ForeignKeys : TSqlFragmentVisitor
    {
        public List<(string Child, HashSet<string> Columns, string Parent)> Found { get; } = [];

        public override void Visit(CreateTableStatement node) => Add(node.SchemaObjectName, node.Definition);

        public override void Visit(AlterTableAddTableElementStatement node) => Add(node.SchemaObjectName, node.Definition);

        private void Add(SchemaObjectName table, TableDefinition definition)
        {
            var keys = definition.TableConstraints.Concat(definition.ColumnDefinitions.SelectMany(column => column.Constraints)).OfType<ForeignKeyConstraintDefinition>();
            foreach (var key in keys)
                Found.Add((Ours(table)!, key.Columns.Select(column => column.Value).ToHashSet(StringComparer.Ordinal), Ours(key.ReferenceTableName)!));
        }
    }
}
