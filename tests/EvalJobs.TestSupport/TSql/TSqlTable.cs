using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>What is needed of a table to check queries.</summary>
public sealed record TSqlTable(string Name, IReadOnlyList<TSqlColumn> Columns)
{
    public static TSqlTable Of(string name, TableDefinition definition) =>
        new(name, definition.ColumnDefinitions.Select(column => TSqlColumn.Of(column, KeyColumns(definition))).ToList());

    private static HashSet<string> KeyColumns(TableDefinition definition) =>
        definition.TableConstraints.OfType<UniqueConstraintDefinition>().Where(key => key.IsPrimaryKey)
            .SelectMany(key => key.Columns).Select(column => column.Column.MultiPartIdentifier.Identifiers[^1].Value)
            .ToHashSet(StringComparer.Ordinal);
}

/// <summary>What is needed of a column to check queries.</summary>
/// <param name="Name">The name without brackets.</param>
/// <param name="IsRequired">An INSERT must name it: NOT NULL, and nothing supplies a value.</param>
/// <param name="IsReadOnly">No INSERT or UPDATE may name it: identity, computed or rowversion.</param>
public sealed record TSqlColumn(string Name, bool IsRequired, bool IsReadOnly)
{
    public static TSqlColumn Of(ColumnDefinition column, ISet<string> keyColumns)
    {
        var name = column.ColumnIdentifier.Value;
        var isReadOnly = column.IdentityOptions is not null || column.ComputedColumnExpression is not null
            || column.DataType is SqlDataTypeReference { SqlDataTypeOption: SqlDataTypeOption.Rowversion or SqlDataTypeOption.Timestamp };
        var isNotNull = keyColumns.Contains(name)
            || column.Constraints.Any(rule => rule is NullableConstraintDefinition { Nullable: false } or UniqueConstraintDefinition { IsPrimaryKey: true });
        return new(name, isNotNull && !isReadOnly && column.DefaultConstraint is null, isReadOnly);
    }
}
