using Dapper;
using EvalJobs.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace EvalJobs.Tests.Support;

/// <summary>A migrated database for one test.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    private EvaluationDatabase? _database;

    internal EvaluationDatabase Database => _database ?? throw new InvalidOperationException("Not created yet.");

    internal StorageOptions Options { get; private set; } = new();

    /// <summary>The schema prefix of table names in this dialect.</summary>
    public abstract string Schema { get; }

    /// <summary>The table that keeps which migrations have run.</summary>
    public abstract string Journal { get; }

    /// <summary>Creates the database without any table, for tests of what happens before 'migrate'.</summary>
    public async Task CreateEmptyAsync()
    {
        Options = await PrepareAsync();
        _database = Open();
    }

    public async Task CreateAsync()
    {
        await CreateEmptyAsync();
        await MigrateAsync();
    }

    /// <summary>Moves all stored times into the past: leases expire, due times come, ended runs grow older.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        foreach (var (table, column) in TimeColumns)
            await ExecuteAsync($"UPDATE {Schema}{table} SET {column} = {Earlier(column, time)} WHERE {column} IS NOT NULL");
    }

    /// <summary>Makes all pending runs of a tenant due this long ago, by the database's clock.</summary>
    public Task MakeDueAsync(long tenantId, TimeSpan ago) => ExecuteAsync(
        $"UPDATE {Schema}EvaluationRun SET DueAt = {BeforeNow(ago)} WHERE TenantId = @tenantId AND Status = 'PENDING'", new { tenantId });

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<T> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }

    public async Task<List<T>> ListAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        return (await connection.QueryAsync<T>(sql, parameters)).AsList();
    }

    /// <summary>From now on, the INSERT of a row with this value in this column fails with an error that contains "broken".</summary>
    public abstract Task BreakInsertAsync(string table, string column, long value);

    /// <summary>From now on, a deletion of the table's rows in steps fails when this number of rows is left, with an error that contains "broken".</summary>
    public abstract Task BreakDeletionAsync(string table, int rowsLeft);

    /// <summary>Removes what makes statements on the table fail.</summary>
    public abstract Task RepairAsync(string table);

    public abstract Task RenameTableAsync(string table, string name);

    /// <summary>Changes a T-SQL statement that violates a constraint so that no constraint stops it. <c>NOKEY(table)</c> drops a primary key.</summary>
    public abstract string Planted(string tsql);

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _database?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<StorageOptions> PrepareAsync();

    /// <summary>Runs the migrations on the empty database.</summary>
    private protected virtual Task MigrateAsync() => new SchemaMigrator(Database, NullLogger<SchemaMigrator>.Instance).MigrateAsync(CancellationToken.None);

    /// <summary>Connects as the program does.</summary>
    private protected virtual EvaluationDatabase Open() => new(Options);

    protected abstract Task DropAsync();

    protected abstract string Earlier(string column, TimeSpan time);

    /// <summary>Exact to the millisecond.</summary>
    protected abstract string BeforeNow(TimeSpan time);

    private static readonly (string Table, string Column)[] TimeColumns =
    [
        ("EvaluationRun", "DueAt"), ("EvaluationRun", "LeaseUntil"), ("EvaluationRun", "CompletedAt"), ("EvaluationRun", "LastFailedAt"), ("TenantBatch", "LeaseUntil"),
        ("TenantBatch", "QueuedAt"), ("TenantBatch", "FinishedAt"), ("Dispatch", "StartedAt"), ("WorkerServer", "LeaseUntil"), ("TenantHealth", "Since"),
        ("EvaluationRun", "RestoredAt"), ("EvaluationRunArchive", "CompletedAt"), ("ChangeRecord", "At"),
        ("Alert", "CreatedAt"), ("Alert", "DueAt"), ("Alert", "LeaseUntil"), ("Alert", "TakenAt"), ("Alert", "EndedAt"), ("SignOut", "ExpiresAt"),
        ("ApiKey", "ExpiresAt"), ("ApiAnswer", "CreatedAt"),
        ("EndpointOutage", "Since"), ("EndpointOutage", "TriedAt"), ("DatabaseMarker", "WrittenAt"), ("RunSchedule", "DueAfter"), ("RunSchedule", "LastDueAt"), ("RunSchedule", "LastFiredAt"), ("JobPause", "At"),
    ];
}
