using Dapper;
using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Benchmarks;

/// <summary>A migrated SQLite file in its own folder, deleted at the end.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-bench-");

    private BenchmarkDatabase()
    {
        Options = new StorageOptions { ConnectionString = $"Data Source={Path.Combine(_folder.FullName, "bench.db")}" };
        Database = new EvaluationDatabase(Options);
    }

    public StorageOptions Options { get; }

    public EvaluationDatabase Database { get; }

    public static async Task<BenchmarkDatabase> CreateAsync()
    {
        var database = new BenchmarkDatabase();
        await new SchemaMigrator(database.Database, NullLogger<SchemaMigrator>.Instance).MigrateAsync(CancellationToken.None);
        return database;
    }

    /// <summary>Bulk data by SQL, where the repositories would take minutes.</summary>
    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters, commandTimeout: 600);
    }

    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }

    /// <summary>A tenant with a suite of this number of cases ("question N", "answer N") and one pending run against the target.</summary>
    public async Task<long> AddRunAsync(int cases, string target, string scoring = "exact_match")
    {
        var tenant = await new TenantRepository(Database).AddAsync("bench", "Bench", new TenantLimits(), "bench", CancellationToken.None);
        await new EvaluationSuiteRepository(Database).SaveAsync(
            tenant.Id, new SuiteDraft { Name = "suite", IsDefault = true }, Cases(cases, scoring), "bench", CancellationToken.None);
        var versions = new AgentVersionRepository(Database);
        var version = await versions.CreateAsync(
            tenant.Id, "agent", "v1", Genome.Parse($$"""{"target":{{target}}}"""), null, "bench", CancellationToken.None);
        return (await versions.TransitionAsync(version.Id, LifecycleState.Testing, null, 0, "bench", CancellationToken.None)).Run!.Id;
    }

    public ValueTask DisposeAsync()
    {
        Database.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async IAsyncEnumerable<TestCase> Cases(int count, string scoring)
    {
        for (var ordinal = 1; ordinal <= count; ordinal++)
        {
            yield return new TestCase
            {
                Ordinal = ordinal,
                CaseKey = $"case-{ordinal}",
                Input = $"question {ordinal}",
                ExpectedOutput = $"answer {ordinal}",
                Scoring = ScoringSpec.Parse(scoring).Json,
            };
        }

        await Task.CompletedTask;
    }
}
