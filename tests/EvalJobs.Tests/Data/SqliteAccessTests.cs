using EvalJobs.Data;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>An SQLite file that may only be read. Tests may run as a user who may write everything, so that the way to read is tried by itself.</summary>
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
    public void ReadOnlyConnectionString_FileAtRest_ReadsAndLeavesNothingBeside()
    {
        var before = Directory.GetFiles(_folder);

        Execute(ReadOnly(), "SELECT Id FROM T").Should().Be(7L);

        Directory.GetFiles(_folder).Should().BeEquivalentTo(before);
    }

    [Test]
    public void ReadOnlyConnectionString_Write_IsRejectedBySqlite() =>
        FluentActions.Invoking(() => Execute(ReadOnly(), "INSERT INTO T VALUES (8)")).Should().Throw<SqliteException>().Which.SqliteErrorCode.Should().Be(8);

    [Test]
    public void ReadOnlyConnectionString_SomeoneIsAtWork_ReadsWhatTheyStored()
    {
        using var other = new SqliteConnection($"Data Source={_file}");
        other.Open();
        using var insert = other.CreateCommand();
        insert.CommandText = "UPDATE T SET Id = 9";
        insert.ExecuteNonQuery();

        Execute(ReadOnly(), "SELECT Id FROM T").Should().Be(9L);
    }

    [Test]
    public void IsReadOnly_FileThatCanBeWritten_IsNot()
    {
        var before = Directory.GetFiles(_folder);

        SqliteAccess.IsReadOnly(_file).Should().BeFalse();

        Directory.GetFiles(_folder).Should().BeEquivalentTo(before);
    }

    [Test]
    public void IsReadOnly_FileThatIsNotThere_IsNot() => SqliteAccess.IsReadOnly(Path.Combine(_folder, "none.db")).Should().BeFalse("it can be made");

    [Test]
    public async Task WriteAsync_FileThatCanBeWrittenNoMore_IsAnOutage()
    {
        Execute($"Data Source={_file}", "CREATE TABLE DatabaseMarker (Owner TEXT, WrittenAt INTEGER)");
        using var database = new EvaluationDatabase(
            new StorageOptions { ConnectionString = $"Data Source={_file}" },
            text => new SqliteConnection(new SqliteConnectionStringBuilder(text) { Mode = SqliteOpenMode.ReadOnly }.ToString()));

        var write = () => database.WriteAsync(db => db.ExecuteAsync(SqlQuery.DeleteOldDatabaseMarkers, new { OlderThanMs = 0 }), default);

        (await write.Should().ThrowAsync<SqliteException>()).Which.IsOutage().Should().BeTrue("no run is charged for it, and all go on when it can be written again");
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
