using System.Text.RegularExpressions;
using EvalJobs.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Support;

public class SqliteTestDatabase(DirectoryInfo folder) : TestDatabase
{
    /// <summary>A file system in memory, on Linux.</summary>
    private const string Memory = "/dev/shm";

    private const string FolderPrefix = "evaljobs-test-";

    /// <summary>More memory than the databases of a fixture need. A container often has less.</summary>
    private const long EnoughMemory = 1L << 30;

    /// <summary>A migrated file, which each test copies. Otherwise several thousand tests would each run all migrations.</summary>
    private static readonly Lazy<Task<byte[]>> Migrated = new(CreateMigratedAsync);

    public SqliteTestDatabase()
        : this(CreateFolder())
    {
    }

    public override string Schema => "";

    public override string Journal => "SchemaVersions";

    public string File => Path.Combine(folder.FullName, "test.db");

    /// <summary>Takes the file's write lock as another process would. Nobody else can write until the returned object is disposed.</summary>
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

    public override Task RepairAsync(string table) => ExecuteAsync("DROP TRIGGER Broken");

    public override Task RenameTableAsync(string table, string name) => ExecuteAsync($"ALTER TABLE {table} RENAME TO {name}");

    private protected override Task<StorageOptions> PrepareAsync() => Task.FromResult(new StorageOptions { ConnectionString = $"Data Source={File}" });

    private protected override async Task MigrateAsync() => await System.IO.File.WriteAllBytesAsync(File, await Migrated.Value);

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

    /// <summary>In memory where there is enough. On a disk every commit waits for the disk, which would take most of a test's time and proves nothing here.</summary>
    private static DirectoryInfo CreateFolder() =>
        OperatingSystem.IsLinux() && Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > EnoughMemory
            ? Directory.CreateDirectory(Path.Combine(Memory, $"{FolderPrefix}{Guid.NewGuid():N}"))
            : Directory.CreateTempSubdirectory(FolderPrefix);

    /// <summary>Killed tests leave their databases, which take memory until the machine restarts. No test runs for a day, so older folders are deleted.</summary>
    private static void DeleteLeftFolders()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Memory))
            return;
        foreach (var left in new DirectoryInfo(Memory).EnumerateDirectories($"{FolderPrefix}*").Where(each => each.LastWriteTimeUtc < DateTime.UtcNow.AddDays(-1)))
        {
            try
            {
                left.Delete(recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It belongs to another user, or another test project has just deleted it.
            }
        }
    }

    private static async Task<byte[]> CreateMigratedAsync()
    {
        DeleteLeftFolders();
        var folder = CreateFolder();
        try
        {
            var file = Path.Combine(folder.FullName, "migrated.db");
            using (var database = new EvaluationDatabase(new StorageOptions { ConnectionString = $"Data Source={file}" }))
            {
                await new SchemaMigrator(database, NullLogger<SchemaMigrator>.Instance).MigrateAsync(CancellationToken.None);
                await using var connection = await database.OpenAsync(CancellationToken.None);
                SqliteConnection.ClearPool((SqliteConnection)connection);
            }

            // When the last connection closes, SQLite removes the write-ahead log, so the file is complete.
            Directory.GetFiles(folder.FullName).Should().Equal(file);
            return await System.IO.File.ReadAllBytesAsync(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
