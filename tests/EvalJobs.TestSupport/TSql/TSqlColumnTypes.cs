using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace EvalJobs.Tests.Support;

/// <summary>What is needed of the columns of a DacFx model to check comparisons. A column is named "schema.table.column".</summary>
/// <param name="Types">The type of each column.</param>
/// <param name="Indexed">The columns of the keys and indexes, without columns that an index only includes.</param>
/// <param name="Filtered">The columns in the filters of indexes. A query must use a literal for such a column to use the index.</param>
/// <param name="Indexes">The keys and indexes, as "table.index".</param>
public sealed record TSqlColumnTypes(IReadOnlyDictionary<string, TSqlType> Types, IReadOnlySet<string> Indexed, IReadOnlySet<string> Filtered, IReadOnlySet<string> Indexes)
{
    public static TSqlColumnTypes Of(TSqlModel model)
    {
        var columns = model.GetObjects(DacQueryScopes.UserDefined, Table.TypeClass).SelectMany(table => table.GetReferenced(Table.Columns)).ToList();
        var indexes = model.GetObjects(DacQueryScopes.UserDefined, Microsoft.SqlServer.Dac.Model.Index.TypeClass).ToList();
        var primaryKeys = model.GetObjects(DacQueryScopes.UserDefined, PrimaryKeyConstraint.TypeClass).ToList();
        var uniqueKeys = model.GetObjects(DacQueryScopes.UserDefined, UniqueConstraint.TypeClass).ToList();
        var indexed = indexes.SelectMany(index => index.GetReferenced(Microsoft.SqlServer.Dac.Model.Index.Columns))
            .Concat(primaryKeys.SelectMany(key => key.GetReferenced(PrimaryKeyConstraint.Columns)))
            .Concat(uniqueKeys.SelectMany(key => key.GetReferenced(UniqueConstraint.Columns)));
        var names = indexes.Select(index => string.Join('.', index.Name.Parts.Skip(1)))
            .Concat(primaryKeys.Select(key => $"{key.GetReferenced(PrimaryKeyConstraint.Host).Single().Name.Parts[^1]}.{key.Name.Parts[^1]}"))
            .Concat(uniqueKeys.Select(key => $"{key.GetReferenced(UniqueConstraint.Host).Single().Name.Parts[^1]}.{key.Name.Parts[^1]}"));
        return new(
            columns.ToDictionary(NameOf, TypeOf, StringComparer.Ordinal), Names(indexed), indexes.SelectMany(FilteredBy).ToHashSet(StringComparer.Ordinal), names.ToHashSet(StringComparer.Ordinal));
    }

    private static TSqlType TypeOf(TSqlObject column)
    {
        var name = column.GetReferenced(Column.DataType).Single().Name.Parts[^1];
        var option = Enum.Parse<SqlDataTypeOption>(name, ignoreCase: true);
        return option switch
        {
            SqlDataTypeOption.DateTime2 => new(option, column.GetProperty<int>(Column.Scale)),
            SqlDataTypeOption.Char or SqlDataTypeOption.VarChar or SqlDataTypeOption.NChar or SqlDataTypeOption.NVarChar or SqlDataTypeOption.Binary or SqlDataTypeOption.VarBinary =>
                new(option, column.GetProperty<bool>(Column.IsMax) ? -1 : column.GetProperty<int>(Column.Length)),
            _ => new(option, null),
        };
    }

    private static IEnumerable<string> FilteredBy(TSqlObject index)
    {
        var statement = TSqlText.Parse(new("index", index.GetScript()), [])?.Batches.SelectMany(batch => batch.Statements).OfType<CreateIndexStatement>().SingleOrDefault();
        if (statement?.FilterPredicate is not { } filter)
            return [];
        var found = new ComparedColumns();
        filter.Accept(found);
        return found.Names.Select(name => $"{TSqlText.NameOf(statement.OnName)}.{name}");
    }

    private static HashSet<string> Names(IEnumerable<TSqlObject> columns) => columns.Select(NameOf).ToHashSet(StringComparer.Ordinal);

    private static string NameOf(TSqlObject named) => string.Join('.', named.Name.Parts);

    private sealed class ComparedColumns : TSqlFragmentVisitor
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public override void Visit(BooleanComparisonExpression node) => Add(node.FirstExpression);

        public override void Visit(InPredicate node) => Add(node.Expression);

        private void Add(ScalarExpression expression)
        {
            if (expression is ColumnReferenceExpression column)
                Names.Add(column.MultiPartIdentifier.Identifiers[^1].Value);
        }
    }
}
