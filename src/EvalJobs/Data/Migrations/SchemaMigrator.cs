using System.Globalization;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Data;

/// <summary>Brings a database to this program's schema, one journalled script at a time, under a lock over all processes.</summary>
internal sealed partial class SchemaMigrator(EvaluationDatabase database, ILogger<SchemaMigrator> logger)
{
    /// <summary>The table of schema dbo, on SQL Server, that keeps which migrations have run.</summary>
    internal const string SqlServerJournal = "EvalJobsSchemaVersions";

    /// <summary>The application lock, on SQL Server, that a migration holds.</summary>
    internal const string SqlServerLock = "EvalJobs.Migrate";

    /// <summary>
    /// How often locking is tried again when the lock file is missing after a failed try. Its holder may have just ended, which deletes the file. If the file
    /// is missing every time, the folder cannot be used.
    /// </summary>
    private const int MaxGone = 10;

    /// <summary>How long a migration waits for another one.</summary>
    internal static readonly TimeSpan LockWait = TimeSpan.FromMinutes(2);

    /// <summary>Runs what is missing. Safe to call from many processes at once: one works, the others wait and find nothing to do.</summary>
    /// <returns>The names of the scripts that ran; empty when the schema was current.</returns>
    /// <exception cref="SchemaException">A script failed, the lock could not be obtained, or the schema is newer than this program.</exception>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellationToken)
    {
        if (database.IsReadOnly)
            throw SqliteAccess.CreateReadOnlyError(database.Name, new SchemaException("A migration writes."));
        CreateSqliteFolder();
        await using var held = await AcquireLockAsync(cancellationToken);
        try
        {
            return await RunMissingAsync(cancellationToken);
        }
        catch (SqliteException error)
        {
            // SQLite's own message does not name the file.
            throw new SchemaException($"The database {database.Name} cannot be used: {error.Message}", error);
        }
    }

    /// <summary>
    /// Ensures that the schema is current before work begins. SQLite is migrated at once. SQL Server is only checked, because the login of the server
    /// may have no right to change the schema: an administrator runs <c>migrate</c>.
    /// </summary>
    /// <exception cref="SchemaException">The schema is not the one this program needs, and it was not or may not be migrated.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (database.IsReadOnly)
            EnsureCurrent();
        else if (database.Provider == StorageProvider.Sqlite)
            await MigrateAsync(cancellationToken);
        else
        {
            EnsureCurrent();
            foreach (var warning in (await ReadSettingsAsync(cancellationToken)).Warnings())
                LogSettingsWarning(warning);
        }
    }

    /// <summary>Checks, without changing anything, that the schema is this program's.</summary>
    /// <exception cref="SchemaException">Migrations are missing, or the schema is newer than this program.</exception>
    /// <exception cref="DatabaseMovedException">The database is not the one this process began with.</exception>
    public void EnsureCurrent()
    {
        // DbUp's own connection would create a file that is missing.
        database.EnsureSame();
        var engine = Engine();
        EnsureNotNewer(engine);
        var missing = engine.GetScriptsToExecute();
        if (missing.Count > 0)
        {
            // A login without rights sees no journal at all, which looks like an empty database.
            var hint = database.Provider == StorageProvider.SqlServer && engine.GetExecutedScripts().Count == 0
                ? " If it has run: this login cannot see dbo.EvalJobsSchemaVersions; give it the rights in scripts/02-grants.sql."
                : "";
            throw new SchemaException(
                $"The database lacks {string.Join(", ", missing.Select(script => script.Name))}; run 'migrate' with a login that may change the schema.{hint}");
        }
    }

    /// <returns>Every migration of a dialect, in the order they run; the name is what the journal keeps.</returns>
    internal static IReadOnlyList<(string Name, string Sql)> Scripts(StorageProvider dialect)
    {
        var prefix = $"Migrations/{dialect}/";
        return [.. typeof(SchemaMigrator).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (name[prefix.Length..^".sql".Length], SqlCatalog.ReadText(name)))];
    }

    private async Task<SqlServerSettings> ReadSettingsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = SqlServerSettings.Query;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return (await RowReader.ReadAsync<SqlServerSettings>(reader, cancellationToken)).Single();
    }

    private async Task<IReadOnlyList<string>> RunMissingAsync(CancellationToken cancellationToken)
    {
        var engine = Engine();
        EnsureNotNewer(engine);
        if (database.Provider == StorageProvider.Sqlite)
            await UseWriteAheadLogAsync(cancellationToken);

        var result = engine.PerformUpgrade();
        if (!result.Successful)
            throw new SchemaException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);

        return result.Scripts.Select(script => script.Name).ToList();
    }

    private static void EnsureNotNewer(UpgradeEngine engine)
    {
        var unknown = engine.GetExecutedButNotDiscoveredScripts();
        if (unknown.Count > 0)
        {
            throw new SchemaException(
                $"The database was migrated by a newer EvalJobs (it has {string.Join(", ", unknown)}); start that version or restore a backup from before it.");
        }
    }

    private UpgradeEngine Engine() => Target()
        .WithScripts(Scripts(database.Provider).Select(script => new SqlScript(script.Name, script.Sql)))
        .WithTransactionPerScript()
        .WithVariablesDisabled()
        .WithExecutionTimeout(TimeSpan.FromHours(1))
        .LogTo(new MigrationLog(logger))
        .Build();

    private UpgradeEngineBuilder Target() => database.Provider == StorageProvider.Sqlite
        ? DeployChanges.To.SqliteDatabase(database.ConnectionString).JournalToSqliteTable("SchemaVersions")
        : DeployChanges.To.SqlDatabase(database.ConnectionString).JournalToSqlTable("dbo", SqlServerJournal);

    private void CreateSqliteFolder()
    {
        if (database.SqliteFile is { } file && Path.GetDirectoryName(file) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
    }

    private async Task UseWriteAheadLogAsync(CancellationToken cancellationToken)
    {
        // Readers then never wait for the writer. The mode is kept in the file.
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<IAsyncDisposable> AcquireLockAsync(CancellationToken cancellationToken) =>
        database.Provider == StorageProvider.SqlServer ? await SqlServerLockAsync(cancellationToken)
        : database.SqliteFile is { } file ? await LockFileAsync(file + ".migrate-lock", cancellationToken)
        : NoLock.Instance;

    /// <summary>The operating system frees the file when its process ends, however it ends.</summary>
    private static async Task<IAsyncDisposable> LockFileAsync(string path, CancellationToken cancellationToken)
    {
        var giveUp = DateTimeOffset.UtcNow + LockWait;
        for (var gone = 0; ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when ((File.Exists(path) || gone++ < MaxGone) && DateTimeOffset.UtcNow < giveUp)
            {
                await Task.Delay(100, cancellationToken);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SchemaException($"Cannot lock {path} for the migration: {error.Message}", error);
            }
        }
    }

    private async Task<IAsyncDisposable> SqlServerLockAsync(CancellationToken cancellationToken)
    {
        // Not from the pool: a connection that goes back there keeps its session, and so the lock, until someone takes it out again.
        var connection = new SqlConnection(new SqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                DECLARE @result int;
                EXEC @result = sp_getapplock @Resource = N'{SqlServerLock}', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = @wait;
                SELECT @result;
                """;
            command.CommandTimeout = (int)LockWait.TotalSeconds + 30;
            command.Parameters.AddWithValue("@wait", (int)LockWait.TotalMilliseconds);
            if ((int)(await command.ExecuteScalarAsync(cancellationToken))! < 0)
                throw new SchemaException($"Another migration has held the lock for {LockWait}. Try again when it has ended.");

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class NoLock : IAsyncDisposable
    {
        public static readonly NoLock Instance = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    [LoggerMessage(2001, LogLevel.Warning, "{Warning}")]
    private partial void LogSettingsWarning(string warning);

    private sealed partial class MigrationLog(ILogger logger) : IUpgradeLog
    {
        // Statement texts and progress are informational. What went wrong comes back with the result and is thrown: logged once, not six times.
        public void LogTrace(string format, params object[] args) => LogDetail(null, Text(format, args));

        public void LogDebug(string format, params object[] args) => LogDetail(null, Text(format, args));

        public void LogInformation(string format, params object[] args) => LogDetail(null, Text(format, args));

        public void LogWarning(string format, params object[] args) => LogProblem(Text(format, args));

        public void LogError(string format, params object[] args) => LogDetail(null, Text(format, args));

        public void LogError(Exception ex, string format, params object[] args) => LogDetail(ex, Text(format, args));

        private static string Text(string format, object[] args) => args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);

        [LoggerMessage(2010, LogLevel.Debug, "Migration: {Text}")]
        private partial void LogDetail(Exception? error, string text);

        [LoggerMessage(2011, LogLevel.Warning, "Migration: {Text}")]
        private partial void LogProblem(string text);
    }
}

/// <summary>The database's schema is not what this program needs. The message says what to do.</summary>
public sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
