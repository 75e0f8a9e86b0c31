using EvalJobs.Domain;

namespace EvalJobs.Tests.Support;

/// <summary>The SQL files built into EvalJobs.</summary>
public static class ProductSql
{
    public static IReadOnlyList<TSqlSource> SqlServerQueries => Under("Sql/SqlServer/");

    public static IReadOnlyList<TSqlSource> SqliteQueries => Under("Sql/Sqlite/");

    public static IReadOnlyList<TSqlSource> SqlServerMigrations => Under("Migrations/SqlServer/");

    public static IReadOnlyList<TSqlSource> SqliteMigrations => Under("Migrations/Sqlite/");

    /// <summary>"ClaimPendingRuns" of "Sql/SqlServer/ClaimPendingRuns.sql".</summary>
    public static string NameOf(TSqlSource file) => Path.GetFileNameWithoutExtension(file.File);

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
