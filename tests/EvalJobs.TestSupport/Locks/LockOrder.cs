using System.Collections.Concurrent;
using EvalJobs.Data;

namespace EvalJobs.Tests.Support;

/// <summary>The order in which every transaction takes its locks, as docs/develop/lock-order.md says it.</summary>
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
    /// What has no place. The audit trail: an INSERT waits for nobody, and nothing else is done to it beside other tables. The answer kept for a request: only a
    /// repetition of that request waits for its row, and it is written last.
    /// </summary>
    public static readonly string[] Free = ["ChangeRecord", "ApiAnswer"];

    /// <summary>A new alert waits for nobody who goes on to wait for others.</summary>
    public const string FreeToAdd = "Alert";

    /// <summary>Every table the page places.</summary>
    public IEnumerable<string> Tables => [.. _order, .. _owners.Keys, .. Free];

    /// <summary>The tables a query of the catalogue touches, by its T-SQL.</summary>
    public static IReadOnlyList<TableAccess> Of(SqlQuery query) => OfQueries.GetOrAdd(
        query.ToString(), _ => Reader.Read(TSqlText.Parse(new TSqlSource(query.ToString(), SqlCatalog.Load(StorageProvider.SqlServer)[query]), [])!));

    /// <summary>The tables a part of a script touches.</summary>
    public static IReadOnlyList<TableAccess> Of(Microsoft.SqlServer.TransactSql.ScriptDom.TSqlFragment fragment) => Reader.Read(fragment);

    /// <summary>The place of a table; null when it belongs to another.</summary>
    /// <exception cref="InvalidOperationException">The page does not place the table.</exception>
    internal int? PlaceOf(string table) =>
        _order.IndexOf(table) is >= 0 and var place ? place
        : _owners.ContainsKey(table) ? null
        : throw new InvalidOperationException($"docs/develop/lock-order.md does not place the table {table}: give it a line, or name whose it is.");

    /// <summary>Of whose rows one has to be held before this table's are touched.</summary>
    internal IReadOnlyList<string> OwnersOf(string table) => _owners[table];
}
