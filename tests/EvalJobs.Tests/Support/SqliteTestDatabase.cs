using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Support;

public sealed class SqliteTestDatabase : TestDatabase
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-test-");

    public override string Schema => "";

    public string File => Path.Combine(_folder.FullName, "test.db");

    protected override Task<StorageOptions> PrepareAsync() => Task.FromResult(new StorageOptions { ConnectionString = $"Data Source={File}" });

    protected override Task DropAsync()
    {
        using (var connection = new SqliteConnection(Database.ConnectionString))
            SqliteConnection.ClearPool(connection);
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    protected override string Earlier(string column, TimeSpan time) => $"{column} - {(long)time.TotalMilliseconds}";
}
