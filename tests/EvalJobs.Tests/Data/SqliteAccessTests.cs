using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>A read-only SQLite file. Tests may run as a user who may write every file, so the read-only connection is also tested directly.</summary>
public sealed class SqliteAccessTests
{
    private string _folder = null!;
    private string _file = null!;

    [SetUp]
    public void Create()
    {
        _folder = Directory.CreateTempSubdirectory("evaljobs-read-").FullName;
        _file = Path.Combine(_folder, "a # b%20?.db");
        Execute($"Data Source={_file}", "PRAGMA journal_mode = 'wal'; CREATE TABLE T (Id INTEGER); INSERT INTO T VALUES (7);");
        SqliteConnection.ClearAllPools();
    }

    [TearDown]
    public void Delete()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void ReadOnlyConnectionString_FileNotInUse_ReadsAndCreatesNoOtherFile()
    {
        var before = Directory.GetFiles(_folder);

        Execute(ReadOnly(), "SELECT Id FROM T").Should().Be(7L);

        Directory.GetFiles(_folder).Should().BeEquivalentTo(before);
    }

    [Test]
    public void ReadOnlyConnectionString_Write_IsRejectedBySqlite() =>
        FluentActions.Invoking(() => Execute(ReadOnly(), "INSERT INTO T VALUES (8)")).Should().Throw<SqliteException>().Which.SqliteErrorCode.Should().Be(8);

    [Test]
    public void ReadOnlyConnectionString_FileInUse_ReadsWhatOthersStored()
    {
        using var other = new SqliteConnection($"Data Source={_file}");
        other.Open();
        using var insert = other.CreateCommand();
        insert.CommandText = "UPDATE T SET Id = 9";
        insert.ExecuteNonQuery();

        Execute(ReadOnly(), "SELECT Id FROM T").Should().Be(9L);
    }

    [Test]
    public void IsReadOnly_WritableFile_IsFalse()
    {
        var before = Directory.GetFiles(_folder);

        SqliteAccess.IsReadOnly(_file).Should().BeFalse();

        Directory.GetFiles(_folder).Should().BeEquivalentTo(before);
    }

    [Test]
    public void IsReadOnly_MissingFile_IsFalse() => SqliteAccess.IsReadOnly(Path.Combine(_folder, "none.db")).Should().BeFalse("the file can be created");

    [Test]
    public async Task WriteAsync_FileThatIsReadOnlyNow_IsAnOutage()
    {
        Execute($"Data Source={_file}", "CREATE TABLE DatabaseMarker (Owner TEXT, WrittenAt INTEGER)");
        using var database = new EvaluationDatabase(
            new StorageOptions { ConnectionString = $"Data Source={_file}" },
            text => new SqliteConnection(new SqliteConnectionStringBuilder(text) { Mode = SqliteOpenMode.ReadOnly }.ToString()));

        var write = () => database.WriteAsync(db => db.ExecuteAsync(SqlQuery.DeleteOldDatabaseMarkers, new { OlderThanMs = 0 }), default);

        (await write.Should().ThrowAsync<SqliteException>()).Which.IsOutage().Should().BeTrue("no run is charged for it, and all continue when the file is writable again");
    }

    private string ReadOnly() => SqliteAccess.ReadOnlyConnectionString(new SqliteConnectionStringBuilder { DataSource = _file }, _file);

    private static object? Execute(string connectionString, string sql)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
