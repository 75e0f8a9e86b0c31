using System.Collections.Concurrent;
using EvalJobs.Data;

namespace EvalJobs.Tests.Support;

/// <summary>The order in which every transaction takes its locks, from docs/develop/lock-order.md.</summary>
internal sealed class LockOrder
{
    private static readonly TableAccessReader Reader = new(ProductSql.SqlServerMigrations);

    private static readonly ConcurrentDictionary<string, IReadOnlyList<TableAccess>> OfQueries = new(StringComparer.Ordinal);

    private readonly List<string> _order = [];
    private readonly Dictionary<string, List<string>> _owners = new(StringComparer.Ordinal);

    private LockOrder(DocPage page)
    {
        foreach (var row in page.Rows("## The order"))
        {
            var table = row[1].Trim('`');
            _order.Add(table);
            foreach (var owned in row[2].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(each => each.Trim('`')))
                (_owners.TryGetValue(owned, out var owners) ? owners : _owners[owned] = []).Add(table);
        }
    }

    /// <summary>As documented.</summary>
    public static LockOrder Documented { get; } = new(DocPage.Read("develop/lock-order.md"));

    /// <summary>
    /// Tables without a place in the order. The audit trail: an INSERT waits for nobody, and no transaction does anything else to it together with other tables. The answer kept for a request: only a
    /// repetition of that request waits for its row, and it is written last.
    /// </summary>
    public static readonly string[] Free = ["ChangeRecord", "ApiAnswer"];

    /// <summary>An INSERT of an alert never waits for a transaction that then waits for other locks.</summary>
    public const string FreeToAdd = "Alert";

    /// <summary>Every table that has a place on the page.</summary>
    public IEnumerable<string> Tables => [.. _order, .. _owners.Keys, .. Free];

    /// <summary>The tables a query of the catalogue touches, by its T-SQL.</summary>
    public static IReadOnlyList<TableAccess> Of(SqlQuery query) => OfQueries.GetOrAdd(
        query.ToString(), _ => Reader.Read(TSqlText.Parse(new TSqlSource(query.ToString(), SqlCatalog.Load(StorageProvider.SqlServer)[query]), [])!));

    /// <summary>The tables a part of a script touches.</summary>
    public static IReadOnlyList<TableAccess> Of(Microsoft.SqlServer.TransactSql.ScriptDom.TSqlFragment fragment) => Reader.Read(fragment);

    /// <summary>The place of a table in the order; null when it belongs to another table.</summary>
    /// <exception cref="InvalidOperationException">The page does not name the table.</exception>
    internal int? PlaceOf(string table) =>
        _order.IndexOf(table) is >= 0 and var place ? place
        : _owners.ContainsKey(table) ? null
        : throw new InvalidOperationException($"docs/develop/lock-order.md does not name the table {table}: add it to the order, or name the table it belongs to.");

    /// <summary>The tables of which a row must be locked before a row of this table is used.</summary>
    internal IReadOnlyList<string> OwnersOf(string table) => _owners[table];
}
