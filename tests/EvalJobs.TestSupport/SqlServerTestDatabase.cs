using Dapper;
using EvalJobs.Data;
using Microsoft.Data.SqlClient;
using Testcontainers.MsSql;

namespace EvalJobs.Tests.Support;

/// <summary>A database on the server in EVALJOBS_TEST_SQLSERVER, or on one that Docker starts. If there is neither, the test is skipped.</summary>
public class SqlServerTestDatabase : TestDatabase
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static string? _server;

    private readonly string _name = $"EvalJobsTest_{Guid.NewGuid():N}";

    public override string Schema => "eval.";

    public override string Journal => "dbo.EvalJobsSchemaVersions";

    /// <summary>False: readers wait for writers, the default of SQL Server. True: they do not wait, the default of Azure SQL.</summary>
    protected virtual bool IsReadCommittedSnapshot => false;

    private protected override async Task<StorageOptions> PrepareAsync()
    {
        var server = await ServerAsync();
        await using var connection = new SqlConnection(server);
        await connection.ExecuteAsync($"CREATE DATABASE [{_name}]");
        await connection.ExecuteAsync($"ALTER DATABASE [{_name}] SET READ_COMMITTED_SNAPSHOT {(IsReadCommittedSnapshot ? "ON" : "OFF")}");
        return new StorageOptions
        {
            Provider = StorageProvider.SqlServer,
            ConnectionString = new SqlConnectionStringBuilder(server) { InitialCatalog = _name }.ToString(),
        };
    }

    protected override async Task DropAsync()
    {
        if (_server is null)
            return;
        SqlConnection.ClearAllPools();
        await using var connection = new SqlConnection(_server);
        await connection.ExecuteAsync($"IF DB_ID(N'{_name}') IS NOT NULL ALTER DATABASE [{_name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
        await connection.ExecuteAsync($"IF DB_ID(N'{_name}') IS NOT NULL DROP DATABASE [{_name}]");
    }

    protected override string Earlier(string column, TimeSpan time) => $"DATEADD(second, {-(int)time.TotalSeconds}, {column})";

    protected override string BeforeNow(TimeSpan time) => $"DATEADD(millisecond, {-(int)time.TotalMilliseconds}, SYSUTCDATETIME())";

    /// <summary>Turns off every CHECK and foreign key of every table. Keys, unique indexes and NOT NULL stay, as on SQLite.</summary>
    public override string Planted(string tsql)
    {
        var free = string.Concat(AdminTestData.Tables.Select(table => $"ALTER TABLE eval.{table} NOCHECK CONSTRAINT ALL;\n"));
        return free + tsql.Replace("NOKEY(TestCaseResult)", "ALTER TABLE eval.TestCaseResult DROP CONSTRAINT PK_TestCaseResult", StringComparison.Ordinal);
    }

    // A constraint, not a trigger: the program cannot use OUTPUT on a table with a trigger.
    public override Task BreakInsertAsync(string table, string column, long value) =>
        ExecuteAsync($"ALTER TABLE eval.{table} WITH NOCHECK ADD CONSTRAINT Broken CHECK ({column} <> {value})");

    public override Task BreakDeletionAsync(string table, int rowsLeft) =>
        ExecuteAsync($"CREATE TRIGGER eval.Broken ON eval.{table} AFTER DELETE AS IF (SELECT COUNT(*) FROM eval.{table}) = {rowsLeft} THROW 50000, N'broken', 1;");

    public override Task RepairAsync(string table) => ExecuteAsync($"""
        IF OBJECT_ID(N'eval.Broken', N'TR') IS NOT NULL
            DROP TRIGGER eval.Broken;
        ELSE
            ALTER TABLE eval.{table} DROP CONSTRAINT Broken;
        """);

    public override Task RenameTableAsync(string table, string name) => ExecuteAsync($"EXEC sp_rename N'eval.{table}', N'{name}', N'OBJECT'");

    private static async Task<string> ServerAsync()
    {
        await Gate.WaitAsync();
        try
        {
            return _server ??= Environment.GetEnvironmentVariable("EVALJOBS_TEST_SQLSERVER") is { Length: > 0 } given ? given : await ContainerAsync();
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task<string> ContainerAsync()
    {
        if (!System.IO.File.Exists("/var/run/docker.sock") && Environment.GetEnvironmentVariable("DOCKER_HOST") is null)
            Assert.Ignore("No SQL Server here: set EVALJOBS_TEST_SQLSERVER to a connection string, or run Docker.");

        var container = new MsSqlBuilder("mcr.microsoft.com/mssql/server:2022-latest").Build();
        try
        {
            await container.StartAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Assert.Ignore($"No SQL Server here: Docker could not start one ({error.Message}); set EVALJOBS_TEST_SQLSERVER to a connection string.");
        }

        return container.GetConnectionString();
    }
}

/// <summary>The same with read-committed snapshot on: readers do not wait for writers and see what was committed when their statement began.</summary>
public sealed class SqlServerSnapshotTestDatabase : SqlServerTestDatabase
{
    protected override bool IsReadCommittedSnapshot => true;
}
