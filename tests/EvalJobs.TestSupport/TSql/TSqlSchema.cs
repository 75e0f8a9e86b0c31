using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>The schema that the migrations build on an empty database, as CREATE statements, because a DacFx model reads nothing else.</summary>
/// <remarks>
/// Rules for migrations:
/// <list type="bullet">
/// <item>CREATE SCHEMA, TABLE, INDEX, VIEW, PROCEDURE, FUNCTION, TYPE, SEQUENCE are used unchanged.</item>
/// <item>ALTER TABLE ADD, ALTER COLUMN, DROP COLUMN, DROP CONSTRAINT and DROP TABLE, DROP INDEX change what was created before.</item>
/// <item>IF x statement: x is assumed to be true, as it is on an empty database. ELSE is rejected.</item>
/// <item>EXEC (N'literal') counts as the statement in the literal.</item>
/// <item>SELECT, INSERT, UPDATE, DELETE are compiled against the schema at that point. SQL Server compiles a whole batch first,
/// so they may not follow, in one batch, an ALTER TABLE of a table they use.</item>
/// <item>SET, PRINT, DECLARE and ALTER AUTHORIZATION do nothing. Anything else is rejected until this class supports it.</item>
/// </list>
/// </remarks>
public sealed class TSqlSchema
{
    private readonly Dictionary<string, (CreateTableStatement Statement, TSqlSource Origin, bool IsAltered)> _tables = new(StringComparer.Ordinal);
    private readonly List<(string Key, string Text, TSqlFragment Node, TSqlSource Origin)> _objects = [];
    private readonly List<TSqlFailure> _failures = [];

    /// <summary>The places where the migrations break the rules above or contradict each other.</summary>
    public IReadOnlyList<TSqlFailure> Failures => _failures;

    /// <summary>The statements that read or write rows, each with the schema at its point.</summary>
    public IReadOnlyList<(TSqlSource Statement, int FirstLine, TSqlSchema Schema)> RowStatements => _rowStatements;

    private readonly List<(TSqlSource, int, TSqlSchema)> _rowStatements = [];

    /// <summary>By "schema.name".</summary>
    public IReadOnlyDictionary<string, TSqlTable> Tables =>
        _tables.ToDictionary(table => table.Key, table => TSqlTable.Of(table.Key, table.Value.Statement.Definition), StringComparer.Ordinal);

    /// <summary>Applies the next migration.</summary>
    public void Apply(TSqlSource migration)
    {
        if (TSqlText.Parse(migration, _failures) is not { } script)
            return;

        foreach (var batch in script.Batches)
        {
            var altered = new HashSet<string>(StringComparer.Ordinal);
            foreach (var statement in batch.Statements)
                Apply(migration, statement, altered);
        }
    }

    /// <summary>The CREATE statements in an order that a model accepts, each with its origin.</summary>
    public IEnumerable<(string Text, TSqlSource Origin, int Line, int Column)> CreateStatements() =>
        _objects.Select(made => (made.Text, made.Origin, made.Node.StartLine, made.Node.StartColumn)).Concat(
            _tables.Values.Select(table => (
                table.IsAltered ? Script(table.Statement) : TSqlText.Of(table.Statement),
                table.Origin, table.Statement.StartLine, table.Statement.StartColumn)))
        .OrderBy(made => made.Item1.StartsWith("CREATE SCHEMA", StringComparison.OrdinalIgnoreCase) ? 0 : 1);

    private void Apply(TSqlSource migration, TSqlStatement statement, HashSet<string> altered)
    {
        switch (statement)
        {
            case IfStatement { ElseStatement: null } guard:
                Apply(migration, guard.ThenStatement, altered);
                break;
            case BeginEndBlockStatement block:
                foreach (var inner in block.StatementList.Statements)
                    Apply(migration, inner, altered);
                break;
            case ExecuteStatement { ExecuteSpecification.ExecutableEntity: ExecutableStringList list }
                when list.Strings.All(part => part is StringLiteral):
                ApplyLiteral(migration, statement, string.Concat(list.Strings.Select(part => ((StringLiteral)part).Value)));
                break;
            case CreateTableStatement table:
                Create(migration, table);
                break;
            case AlterTableStatement alter:
                Alter(migration, alter);
                altered.Add(TSqlText.NameOf(alter.SchemaObjectName));
                break;
            case DropTableStatement drop:
                foreach (var name in drop.Objects.Select(TSqlText.NameOf))
                    DropTable(migration, drop, name);
                break;
            case DropIndexStatement drop:
                foreach (var clause in drop.DropIndexClauses.OfType<DropIndexClause>())
                    Ensure(migration, drop, _objects.RemoveAll(made => made.Key == $"{TSqlText.NameOf(clause.Object)}.{clause.Index.Value}") == 1, $"No index {clause.Index.Value} on {TSqlText.NameOf(clause.Object)}.");
                break;
            case CreateIndexStatement index:
                _objects.Add(($"{TSqlText.NameOf(index.OnName)}.{index.Name.Value}", TSqlText.Of(index), index, migration));
                break;
            case CreateSchemaStatement or ViewStatementBody or ProcedureStatementBodyBase or CreateTypeStatement or CreateSequenceStatement:
                _objects.Add((string.Empty, TSqlText.Of(statement), statement, migration));
                break;
            case SelectStatement or DataModificationStatement:
                AddRowStatement(migration, statement, altered);
                break;
            case SetOnOffStatement or PrintStatement or DeclareVariableStatement or AlterAuthorizationStatement:
                break;
            default:
                Fail(migration, statement, $"The compiler does not support {statement.GetType().Name} in a migration; see {nameof(TSqlSchema)}.");
                break;
        }
    }

    private void ApplyLiteral(TSqlSource migration, TSqlStatement statement, string text)
    {
        // Positions inside the literal would point at the wrong place, so its syntax errors get the position of the EXEC.
        var failures = new List<TSqlFailure>();
        var script = TSqlText.Parse(new(migration.File, text), failures);
        _failures.AddRange(failures.Select(failure => failure with { Line = statement.StartLine, Column = statement.StartColumn }));
        foreach (var made in script?.Batches.SelectMany(batch => batch.Statements) ?? [])
            Apply(migration, made, []);
    }

    private void Create(TSqlSource migration, CreateTableStatement table)
    {
        var name = TSqlText.NameOf(table.SchemaObjectName);
        if (!_tables.TryAdd(name, (table, migration, IsAltered: false)))
            Fail(migration, table, $"Table {name} exists already.");
    }

    private void Alter(TSqlSource migration, AlterTableStatement alter)
    {
        var name = TSqlText.NameOf(alter.SchemaObjectName);
        if (!_tables.TryGetValue(name, out var table))
        {
            Fail(migration, alter, $"No table {name} to alter.");
            return;
        }

        var definition = table.Statement.Definition;
        _tables[name] = table with { IsAltered = true };
        switch (alter)
        {
            case AlterTableAddTableElementStatement add:
                foreach (var column in add.Definition.ColumnDefinitions)
                {
                    Ensure(migration, column, Column(definition, column.ColumnIdentifier.Value) is null, $"{name} has a column {column.ColumnIdentifier.Value} already.");
                    Ensure(migration, column, !TSqlColumn.Of(column, new HashSet<string>(StringComparer.Ordinal)).IsRequired, $"{name}.{column.ColumnIdentifier.Value} is NOT NULL without a default: a table with rows rejects it.");
                    definition.ColumnDefinitions.Add(column);
                }

                foreach (var constraint in add.Definition.TableConstraints)
                    AddConstraint(definition, constraint);
                break;
            case AlterTableAlterColumnStatement change when change.DataType is not null:
                if (Column(definition, change.ColumnIdentifier.Value) is { } changed)
                    Change(changed, change);
                else
                    Fail(migration, change, $"{name} has no column {change.ColumnIdentifier.Value}.");
                break;
            case AlterTableDropTableElementStatement drop:
                Drop(migration, drop, name, definition);
                break;
            default:
                Fail(migration, alter, $"The compiler does not support {alter.GetType().Name} in a migration; see {nameof(TSqlSchema)}.");
                break;
        }
    }

    private static void AddConstraint(TableDefinition definition, ConstraintDefinition constraint)
    {
        // ADD CONSTRAINT x DEFAULT y FOR column: inside CREATE TABLE a default belongs to its column.
        if (constraint is DefaultConstraintDefinition { Column: { } target } && Column(definition, target.Value) is { } column)
            column.DefaultConstraint = new DefaultConstraintDefinition { ConstraintIdentifier = constraint.ConstraintIdentifier, Expression = ((DefaultConstraintDefinition)constraint).Expression };
        else
            definition.TableConstraints.Add(constraint);
    }

    private static void Change(ColumnDefinition column, AlterTableAlterColumnStatement change)
    {
        column.DataType = change.DataType;
        column.Collation = change.Collation;
        foreach (var old in column.Constraints.OfType<NullableConstraintDefinition>().ToList())
            column.Constraints.Remove(old);
        column.Constraints.Add(new NullableConstraintDefinition { Nullable = change.AlterTableAlterColumnOption != AlterTableAlterColumnOption.NotNull });
    }

    private void Drop(TSqlSource migration, AlterTableDropTableElementStatement drop, string table, TableDefinition definition)
    {
        var kind = TableElementType.Constraint;
        foreach (var element in drop.AlterTableDropTableElements)
        {
            // DROP COLUMN a, b has the keyword only once.
            kind = element.TableElementType == TableElementType.NotSpecified ? kind : element.TableElementType;
            var name = element.Name.Value;
            var isGone = kind == TableElementType.Column
                ? Column(definition, name) is { } column && definition.ColumnDefinitions.Remove(column)
                : DropConstraint(definition, name);
            Ensure(migration, element, isGone, $"{table} has no {name} to drop.");
        }
    }

    private static bool DropConstraint(TableDefinition definition, string name)
    {
        if (definition.TableConstraints.FirstOrDefault(rule => rule.ConstraintIdentifier?.Value == name) is { } found)
            return definition.TableConstraints.Remove(found);

        foreach (var column in definition.ColumnDefinitions)
        {
            if (column.DefaultConstraint?.ConstraintIdentifier?.Value == name)
            {
                column.DefaultConstraint = null;
                return true;
            }

            if (column.Constraints.FirstOrDefault(rule => rule.ConstraintIdentifier?.Value == name) is { } inline)
                return column.Constraints.Remove(inline);
        }

        return false;
    }

    private void DropTable(TSqlSource migration, DropTableStatement drop, string name)
    {
        Ensure(migration, drop, _tables.Remove(name), $"No table {name} to drop.");
        _objects.RemoveAll(made => made.Key.StartsWith(name + ".", StringComparison.Ordinal));
    }

    private void AddRowStatement(TSqlSource migration, TSqlStatement statement, HashSet<string> altered)
    {
        var text = TSqlText.Of(statement);
        foreach (var table in altered.Where(table => text.Contains(table, StringComparison.Ordinal)))
            Fail(migration, statement, $"{table} is altered in this batch, which SQL Server compiles before it runs: put GO between.");

        var schema = new TSqlSchema();
        foreach (var (create, origin, _, _) in CreateStatements())
            schema.Apply(origin with { Text = create });
        _rowStatements.Add((new(migration.File, text), statement.StartLine, schema));
    }

    private static ColumnDefinition? Column(TableDefinition definition, string name) =>
        definition.ColumnDefinitions.FirstOrDefault(column => column.ColumnIdentifier.Value == name);

    private static string Script(TSqlFragment node)
    {
        new Sql150ScriptGenerator().GenerateScript(node, out var text);
        return text;
    }

    private void Ensure(TSqlSource migration, TSqlFragment node, bool holds, string otherwise)
    {
        if (!holds)
            Fail(migration, node, otherwise);
    }

    private void Fail(TSqlSource migration, TSqlFragment node, string message) =>
        _failures.Add(new(migration.File, node.StartLine, node.StartColumn, message));
}
