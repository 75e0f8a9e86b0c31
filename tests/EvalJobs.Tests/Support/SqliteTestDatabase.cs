using System.Text.RegularExpressions;
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

    public override string Planted(string tsql)
    {
        const string noKey = "ALTER TABLE TestCaseResult RENAME TO Kept; CREATE TABLE TestCaseResult AS SELECT * FROM Kept";
        var text = tsql.Replace("eval.", "", StringComparison.Ordinal).Replace("NOKEY(TestCaseResult)", noKey, StringComparison.Ordinal);
        return "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; "
            + Regex.Replace(text, @"(?<drop>DROP INDEX \w+) ON \w+", "${drop}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    public override Task<bool> IsWritableAsync()
    {
        using var connection = new SqliteConnection(Options.ConnectionString + ";Default Timeout=1;Pooling=False");
        connection.Open();
        try
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            return Task.FromResult(true);
        }
        catch (SqliteException)
        {
            return Task.FromResult(false);
        }
    }

    protected override string Earlier(string column, TimeSpan time) => $"{column} - {(long)time.TotalMilliseconds}";
}
