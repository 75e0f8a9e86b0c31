using System.Text.RegularExpressions;
using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Support;

public class SqliteTestDatabase(DirectoryInfo folder) : TestDatabase
{
    public SqliteTestDatabase()
        : this(Directory.CreateTempSubdirectory("evaljobs-test-"))
    {
    }

    public override string Schema => "";

    public override string Journal => "SchemaVersions";

    public string File => Path.Combine(folder.FullName, "test.db");

    /// <summary>Takes the file's write lock as another process would: until the returned object is disposed, nobody else writes.</summary>
    public async Task<IAsyncDisposable> HoldWriterAsync()
    {
        var connection = new SqliteConnection($"{Options.ConnectionString};Pooling=False");
        await connection.OpenAsync();
        connection.BeginTransaction(deferred: false);
        return connection;
    }

    public override Task BreakInsertAsync(string table, string column, long value) =>
        ExecuteAsync($"CREATE TRIGGER Broken BEFORE INSERT ON {table} WHEN NEW.{column} = {value} BEGIN SELECT RAISE(ABORT, 'broken'); END");

    public override Task BreakDeletionAsync(string table, int rowsLeft) =>
        ExecuteAsync($"CREATE TRIGGER Broken BEFORE DELETE ON {table} WHEN (SELECT COUNT(*) FROM {table}) = {rowsLeft} BEGIN SELECT RAISE(ABORT, 'broken'); END");

    public override Task MendAsync(string table) => ExecuteAsync("DROP TRIGGER Broken");

    public override Task RenameTableAsync(string table, string name) => ExecuteAsync($"ALTER TABLE {table} RENAME TO {name}");

    private protected override Task<StorageOptions> PrepareAsync() => Task.FromResult(new StorageOptions { ConnectionString = $"Data Source={File}" });

    protected override Task DropAsync()
    {
        using (var connection = new SqliteConnection(Database.ConnectionString))
            SqliteConnection.ClearPool(connection);
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    public override string Planted(string tsql)
    {
        const string noKey = "ALTER TABLE TestCaseResult RENAME TO Kept; CREATE TABLE TestCaseResult AS SELECT * FROM Kept";
        var text = tsql.Replace("eval.", "", StringComparison.Ordinal).Replace("NOKEY(TestCaseResult)", noKey, StringComparison.Ordinal);
        return "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; "
            + Regex.Replace(text, @"(?<drop>DROP INDEX \w+) ON \w+", "${drop}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    protected override string Earlier(string column, TimeSpan time) => $"{column} - {(long)time.TotalMilliseconds}";

    protected override string BeforeNow(TimeSpan time) => Earlier("CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)", time);
}
