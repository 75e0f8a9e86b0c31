using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using EvalJobs.Domain;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>The evaluation database: opens connections, runs catalogue queries, and gives units of work their transaction.</summary>
/// <remarks>Safe for concurrent use. One per process and database.</remarks>
internal sealed class EvaluationDatabase : IDisposable
{
    /// <summary>Waits of six seconds in total: the provider's pool returns the last failure for five seconds before it connects again.</summary>
    private const int MaxTries = 6;

    /// <summary>SQLITE_READONLY.</summary>
    private const int ReadOnlyError = 8;

    /// <summary>Each has taken the whole CommandTimeout, or the connection's.</summary>
    private const int MaxTriesAfterTimeout = 2;

    /// <summary>
    /// The settings that every connection to SQL Server begins with, whatever the server's "user options" or the previous use of the connection set.
    /// NOCOUNT would hide the row counts that the fences compare; IMPLICIT_TRANSACTIONS would leave reads open; NUMERIC_ROUNDABORT fails with
    /// filtered indexes; READPAST fails under SERIALIZABLE, which a pooled connection keeps. A statement that must not wait sets LOCK_TIMEOUT.
    /// </summary>
    internal const string SqlServerSession = "SET NOCOUNT, IMPLICIT_TRANSACTIONS, NUMERIC_ROUNDABORT OFF; SET LOCK_TIMEOUT -1; SET TRANSACTION ISOLATION LEVEL READ COMMITTED;";

    // SQLite connections with our settings: the provider keeps connections open between uses, and settings stay. Static, because the provider's pools belong to the process.
    private static readonly ConditionalWeakTable<object, object> Prepared = [];

    private readonly StorageOptions _options;
    private readonly SqlCatalog _sql;
    private readonly Func<string, DbConnection> _connect;

    // SQLite has one writer at a time. Waiting here is fair and costs no thread; waiting inside SQLite is a polling sleep.
    private readonly SemaphoreSlim? _sqliteWriter;

    // For one flow of calls, such as one request.
    private readonly AsyncLocal<IWriteCompanion?> _companion = new();
    private readonly AsyncLocal<bool> _readsCopy = new();

    private readonly string _copyConnectionString;

    private readonly SqliteFileGuard? _file;
    private volatile bool _isReplaced;

    /// <summary>Does not connect yet.</summary>
    public EvaluationDatabase(StorageOptions options)
        : this(options, options.Provider == StorageProvider.Sqlite ? text => new SqliteConnection(text) : text => new SqlConnection(text))
    {
    }

    /// <param name="options">Where the database is.</param>
    /// <param name="connect">Makes a connection, not yet open, from its connection string.</param>
    internal EvaluationDatabase(StorageOptions options, Func<string, DbConnection> connect)
    {
        _connect = connect;
        _options = options;
        _sql = SqlCatalog.Load(options.Provider);
        ConnectionString = options.Provider == StorageProvider.Sqlite ? SqliteConnectionString(options) : options.ConnectionString;
        if (options.Provider == StorageProvider.Sqlite)
        {
            _sqliteWriter = new SemaphoreSlim(1);
            SqliteFile = FileOf(ConnectionString);
            _file = SqliteFile is null ? null : new SqliteFileGuard(SqliteFile);
            if (SqliteFile is { } file && (new SqliteConnectionStringBuilder(ConnectionString).Mode == SqliteOpenMode.ReadOnly || SqliteAccess.IsReadOnly(file)))
            {
                IsReadOnly = true;
                ConnectionString = SqliteAccess.ReadOnlyConnectionString(new(ConnectionString), file);
            }
        }

        _copyConnectionString = options.ReadOnlyIntent ? new SqlConnectionStringBuilder(ConnectionString) { ApplicationIntent = ApplicationIntent.ReadOnly }.ToString() : ConnectionString;
        Name = options.Provider == StorageProvider.Sqlite ? SqliteFile ?? "a database in memory" : ServerAndDatabase(ConnectionString);
    }

    /// <summary>The database product.</summary>
    public StorageProvider Provider => _options.Provider;

    /// <summary>The completed connection string. May hold a password: never log it.</summary>
    public string ConnectionString { get; }

    /// <summary>The full path of the SQLite file; null for SQL Server, or a database in memory.</summary>
    public string? SqliteFile { get; }

    /// <summary>Topics of alerts that some channel wants. Other alerts of promotions are not written; alerts of problems always are.</summary>
    public IReadOnlySet<AlertTopic> Notified { get; init; } = Alert.WarningTopics;

    /// <summary>Whether it is an SQLite file that this process may only read; checked once, when this object is created.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Which database it is, for people: no secret.</summary>
    public string Name { get; }

    /// <summary>Reads rows outside any transaction.</summary>
    /// <exception cref="DbException">The database is unreachable, or the statement failed or timed out.</exception>
    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlQuery query, object? parameters, CancellationToken cancellationToken) =>
        RetryTransientAsync(async () =>
        {
            await using var connection = await OpenToReadAsync(cancellationToken);
            return await new DbWork(connection, null, _sql, _options.CommandTimeout, cancellationToken).QueryAsync<T>(query, parameters);
        }, cancellationToken);

    /// <summary>Reads one row, or the type's default when there is none.</summary>
    /// <exception cref="DbException">The database is unreachable, or the statement failed or timed out.</exception>
    public async Task<T?> QuerySingleOrDefaultAsync<T>(SqlQuery query, object? parameters, CancellationToken cancellationToken) =>
        (await QueryAsync<T>(query, parameters, cancellationToken)).SingleOrDefault();

    /// <summary>Reads several things over one connection, without waiting for writers: on SQLite all of it as of one moment, on SQL Server each statement for itself.</summary>
    /// <exception cref="DbException">The database is unreachable, or the statement failed or timed out.</exception>
    public Task<T> ReadAsync<T>(Func<DbWork, Task<T>> work, CancellationToken cancellationToken) =>
        RetryTransientAsync(async () =>
        {
            await using var connection = await OpenToReadAsync(cancellationToken);
            await using var transaction = connection is SqliteConnection sqlite ? sqlite.BeginTransaction(deferred: true) : null;
            return await work(new DbWork(connection, transaction, _sql, _options.CommandTimeout, cancellationToken) { Notified = Notified });
        }, cancellationToken);

    /// <summary>Executes a unit of work in one transaction: all of it is stored or, on any exception, nothing.</summary>
    /// <remarks>
    /// A transient error (deadlock victim, failover, lost connection) repeats the whole unit, never a part of it, so the work must
    /// do nothing but use the database. After an error during the commit nothing is repeated: the unit may have been stored already.
    /// </remarks>
    /// <exception cref="CommitUnknownException">The connection broke during the commit: all of it is stored, or nothing.</exception>
    /// <exception cref="DbException">The database is unreachable, or the statement failed or timed out.</exception>
    public Task<T> WriteAsync<T>(Func<DbWork, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(work, isBookkeeping: false, cancellationToken);

    /// <summary>
    /// The same for bookkeeping: batches, ticks, leases. It survives a crash of every process. A power cut may undo the last transactions,
    /// in order, which has the same effect as a crash a moment earlier. So SQLite need not wait for the disk. The next
    /// <see cref="WriteAsync{T}(Func{DbWork, Task{T}}, CancellationToken)"/> makes it durable.
    /// </summary>
    /// <inheritdoc cref="WriteAsync{T}(Func{DbWork, Task{T}}, CancellationToken)" path="/exception"/>
    public Task<T> WriteBookkeepingAsync<T>(Func<DbWork, Task<T>> work, CancellationToken cancellationToken) =>
        WriteAsync(work, isBookkeeping: true, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{DbWork, Task{T}}, CancellationToken)"/>
    public Task WriteAsync(Func<DbWork, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(async db =>
        {
            await work(db);
            return true;
        }, cancellationToken);

    /// <summary>Lets a companion take part in every transaction of this flow of calls, except bookkeeping.</summary>
    /// <returns>Ends it when disposed.</returns>
    internal IDisposable Accompany(IWriteCompanion companion)
    {
        if (_companion.Value is not null)
            throw new InvalidOperationException("This flow of calls has a companion already.");
        _companion.Value = companion;
        return new FlowScope<IWriteCompanion?>(_companion);
    }

    /// <summary>
    /// Lets this flow of calls read from a readable secondary of the database, where <see cref="StorageOptions.ReadOnlyIntent"/> says so; otherwise it has no effect. A unit of work, with the reads
    /// in it, uses the primary.
    /// </summary>
    /// <returns>Ends it when disposed.</returns>
    internal IDisposable ReadFromCopy()
    {
        _readsCopy.Value = true;
        return new FlowScope<bool>(_readsCopy);
    }

    /// <summary>Makes sure that the database is the one this process started with.</summary>
    /// <exception cref="DatabaseMovedException">It is not: its file was moved, deleted or replaced, or it was restored to an earlier state.</exception>
    public void EnsureSame()
    {
        _file?.EnsureSame();
        if (_isReplaced)
            throw new DatabaseMovedException($"The database {Name} was replaced or set back to an earlier state while this process used it. Nothing is read or written until the process was started again.");
    }

    /// <summary>Records that the database is not the one this process has written to. From now on nothing is read or written.</summary>
    public void MarkReplaced() => _isReplaced = true;

    /// <summary>Opens a connection to the primary. The caller disposes it.</summary>
    /// <exception cref="DatabaseMovedException">The database is not the one this process started with.</exception>
    public Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(ConnectionString, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _sqliteWriter?.Dispose();

    private Task<DbConnection> OpenToReadAsync(CancellationToken cancellationToken) => OpenAsync(_readsCopy.Value ? _copyConnectionString : ConnectionString, cancellationToken);

    private async Task<DbConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        EnsureSame();
        var connection = _connect(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);

            if (connection is not SqliteConnection sqlite)
            {
                await connection.ExecuteAsync(new CommandDefinition(SqlServerSession, cancellationToken: cancellationToken));
            }
            else if (!Prepared.TryGetValue(sqlite.Handle!, out _))
            {
                // SQLite's own wait is finer than the provider's. FULL: a stored result survives a power cut, not just a crash.
                await connection.ExecuteAsync(new CommandDefinition(
                    $"PRAGMA busy_timeout = {(int)_options.CommandTimeout.TotalMilliseconds}; PRAGMA synchronous = FULL;", cancellationToken: cancellationToken));
                Prepared.AddOrUpdate(sqlite.Handle!, Prepared);
            }

            _file?.Remember();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<T> WriteAsync<T>(Func<DbWork, Task<T>> work, bool isBookkeeping, CancellationToken cancellationToken)
    {
        if (_sqliteWriter is not null)
            await _sqliteWriter.WaitAsync(cancellationToken);
        try
        {
            return await RetryTransientAsync(() => TransactAsync(work, isBookkeeping, cancellationToken), cancellationToken);
        }
        catch (SqliteException error) when (IsReadOnly && error.SqliteErrorCode == ReadOnlyError)
        {
            // If it was writable when the process started, this is an outage: the workers wait until it can be written again.
            throw SqliteAccess.CreateReadOnlyError(Name, error);
        }
        finally
        {
            _sqliteWriter?.Release();
        }
    }

    private async Task<T> TransactAsync<T>(Func<DbWork, Task<T>> work, bool isBookkeeping, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        if (isBookkeeping && connection is SqliteConnection { Handle: { } handle })
        {
            Prepared.Remove(handle);
            await connection.ExecuteAsync("PRAGMA synchronous = NORMAL;");
        }

        // Not deferred: SQLite then takes the write lock at the start, so what the work reads cannot change before it writes.
        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: IsReadOnly)
            : await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);

        var db = new DbWork(connection, transaction, _sql, _options.CommandTimeout, cancellationToken) { Notified = Notified };
        var companion = isBookkeeping ? null : _companion.Value;
        if (companion is not null)
            await companion.BeforeAsync(db);
        var result = await work(db);
        if (companion is not null)
            await companion.AfterAsync(db, result);

        // Checked again: a commit to a file that was moved away in between would be lost in silence.
        EnsureSame();

        try
        {
            // From here on the work is done. A cancellation must not make it unknown whether it was stored.
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (SqlException error)
        {
            throw new CommitUnknownException(error);
        }
    }

    private static async Task<T> RetryTransientAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (SqlException error) when (attempt < (error.Number is DatabaseOutage.Timeout or DatabaseOutage.LockTimeout ? MaxTriesAfterTimeout : MaxTries) && error.IsTransient())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(85, 116) * (1 << attempt)), cancellationToken);
            }
        }
    }

    private sealed class FlowScope<T>(AsyncLocal<T> value) : IDisposable
    {
        public void Dispose() => value.Value = default!;
    }

    private static string? FileOf(string connectionString)
    {
        var source = new SqliteConnectionStringBuilder(connectionString).DataSource;
        return source is "" or ":memory:" || source.StartsWith("file:", StringComparison.Ordinal) ? null : Path.GetFullPath(source);
    }

    private static string ServerAndDatabase(string connectionString)
    {
        var server = new SqlConnectionStringBuilder(connectionString);
        return $"{server.InitialCatalog} on {server.DataSource}";
    }

    private static string SqliteConnectionString(StorageOptions options) => new SqliteConnectionStringBuilder(options.ConnectionString)
    {
        ForeignKeys = true,
        DefaultTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
    }.ToString();
}
