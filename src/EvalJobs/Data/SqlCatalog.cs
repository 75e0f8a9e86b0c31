using System.Reflection;

namespace EvalJobs.Data;

/// <summary>The texts of all queries in one dialect, read once from the files built into this assembly.</summary>
public sealed class SqlCatalog
{
    private static readonly Assembly Home = typeof(SqlCatalog).Assembly;
    private readonly Dictionary<SqlQuery, string> _texts;

    private SqlCatalog(Dictionary<SqlQuery, string> texts) => _texts = texts;

    /// <returns>The query's text.</returns>
    public string this[SqlQuery query] => _texts[query];

    /// <summary>Reads the catalogue of a dialect.</summary>
    /// <exception cref="InvalidOperationException">A query has no file or a file no query; the message names every one.</exception>
    public static SqlCatalog Load(StorageProvider dialect)
    {
        var prefix = $"Sql/{dialect}/";
        var files = Home.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[prefix.Length..^".sql".Length], name => name, StringComparer.Ordinal);
        var queries = Enum.GetNames<SqlQuery>();

        var missing = queries.Except(files.Keys, StringComparer.Ordinal).Select(name => $"no file {prefix}{name}.sql");
        var orphaned = files.Keys.Except(queries, StringComparer.Ordinal).Select(name => $"no query for {prefix}{name}.sql");
        var faults = missing.Concat(orphaned).ToList();
        if (faults.Count > 0)
            throw new InvalidOperationException($"The SQL catalogue is incomplete: {string.Join("; ", faults)}.");

        return new SqlCatalog(Enum.GetValues<SqlQuery>().ToDictionary(query => query, query => ReadText(files[query.ToString()])));
    }

    internal static string ReadText(string resource)
    {
        using var reader = new StreamReader(Home.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
