namespace EvalJobs.Tests.Support;

/// <summary>One table, subquery or function in a FROM clause.</summary>
/// <param name="Name">The qualifier of its columns: the alias, or else the table's name.</param>
/// <param name="Table">"schema.name" when it is a table without alias, because this can be a qualifier too.</param>
/// <param name="Columns">Null when unknown: any name is then assumed to exist.</param>
public sealed record TSqlRowSource(string Name, string? Table, IReadOnlyList<string>? Columns);

/// <summary>The row sources a name may refer to, from the innermost query outwards.</summary>
public sealed class TSqlScope(TSqlScope? outer)
{
    private readonly List<TSqlRowSource> _sources = [];

    public TSqlScope? Outer { get; } = outer;

    public IReadOnlyList<TSqlRowSource> Sources => _sources;

    /// <returns>False when the name is used already.</returns>
    public bool Add(TSqlRowSource source)
    {
        var isNew = source.Name.Length == 0 || _sources.TrueForAll(other => other.Name != source.Name);
        _sources.Add(source);
        return isNew;
    }

    /// <returns>Why the name is unknown or ambiguous here; null when it is valid.</returns>
    public string? FindError(IReadOnlyList<string> name)
    {
        var column = name[^1];
        return name.Count == 1 ? ErrorOf(column) : ErrorOf(string.Join('.', name.SkipLast(1)), column);
    }

    public TSqlRowSource? Find(string qualifier) =>
        _sources.Find(source => source.Name == qualifier || source.Table == qualifier) ?? Outer?.Find(qualifier);

    private string? ErrorOf(string column)
    {
        var holders = _sources.Where(source => source.Columns is not null && source.Columns.Contains(column, StringComparer.Ordinal)).ToList();
        if (holders.Count > 1)
            return $"Ambiguous column {column}: in {string.Join(" and ", holders.Select(holder => holder.Name))}.";
        if (holders.Count == 1 || _sources.Exists(source => source.Columns is null))
            return null;
        if (Outer is null)
            return $"Unknown column {column}.";
        return Outer.ErrorOf(column) ?? $"Column {column} is not of this query but of a query around it: if that is intended, put its table or alias before it.";
    }

    private string? ErrorOf(string qualifier, string column) => Find(qualifier) switch
    {
        null => $"Unknown table or alias {qualifier} in {qualifier}.{column}.",
        { Columns: { } columns } when !columns.Contains(column, StringComparer.Ordinal) => $"Unknown column {qualifier}.{column}.",
        _ => null,
    };
}
