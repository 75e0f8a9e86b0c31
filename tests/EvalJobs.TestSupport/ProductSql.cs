using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>The SQL built into EvalJobs: the queries as the program sends them, and the migrations.</summary>
public static class ProductSql
{
    public static IReadOnlyList<TSqlSource> SqlServerQueries { get; } = Queries(StorageProvider.SqlServer);

    public static IReadOnlyList<TSqlSource> SqliteQueries { get; } = Queries(StorageProvider.Sqlite);

    public static IReadOnlyList<TSqlSource> SqlServerMigrations => Under("Migrations/SqlServer/");

    public static IReadOnlyList<TSqlSource> SqliteMigrations => Under("Migrations/Sqlite/");

    /// <summary>The query files as they are embedded, before their tokens are replaced.</summary>
    public static IReadOnlyList<TSqlSource> Files => Under("Sql/");

    /// <summary>"ClaimPendingRuns" of "SqlServer/ClaimPendingRuns", "0003_Alerts" of "Migrations/SqlServer/0003_Alerts.sql".</summary>
    public static string NameOf(TSqlSource source) => Path.GetFileName(source.File).Replace(".sql", "", StringComparison.Ordinal);

    private static List<TSqlSource> Queries(StorageProvider dialect)
    {
        var catalog = SqlCatalog.Load(dialect);
        return Enum.GetValues<SqlQuery>().Select(query => new TSqlSource($"{dialect}/{query}", catalog[query])).OrderBy(query => query.File, StringComparer.Ordinal).ToList();
    }

    private static List<TSqlSource> Under(string folder)
    {
        var assembly = typeof(Tenant).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new TSqlSource(name, reader.ReadToEnd());
            })
            .ToList();
    }
}
