using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Support;

public sealed class SqliteTestDatabase(DirectoryInfo folder) : TestDatabase
{
    public SqliteTestDatabase()
        : this(Directory.CreateTempSubdirectory("evaljobs-test-"))
    {
    }

    public override string Schema => "";

    public string File => Path.Combine(folder.FullName, "test.db");

    /// <summary>Takes the file's write lock as another process would: until the returned object is disposed, nobody else writes.</summary>
    public async Task<IAsyncDisposable> HoldWriterAsync()
    {
        var connection = new SqliteConnection($"{Options.ConnectionString};Pooling=False");
        await connection.OpenAsync();
        connection.BeginTransaction(deferred: false);
        return connection;
    }

    protected override Task<StorageOptions> PrepareAsync() => Task.FromResult(new StorageOptions { ConnectionString = $"Data Source={File}" });

    protected override Task DropAsync()
    {
        using (var connection = new SqliteConnection(Database.ConnectionString))
            SqliteConnection.ClearPool(connection);
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    protected override string Earlier(string column, TimeSpan time) => $"{column} - {(long)time.TotalMilliseconds}";
}
