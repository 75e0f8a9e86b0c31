using EvalJobs.Data;
using EvalJobs.Domain;
using Hangfire.SqlServer;
using Microsoft.Data.SqlClient;

namespace EvalJobs.DependencyInjection;

/// <summary>The SQL Server database that keeps Hangfire's jobs.</summary>
/// <param name="ConnectionString">May hold a password: never log it.</param>
/// <param name="SchemaName">The schema of Hangfire's tables.</param>
internal sealed record HangfireDatabase(string ConnectionString, string SchemaName)
{
    /// <summary>Shows nothing: so that a password is never logged by accident.</summary>
    public override string ToString() => nameof(HangfireDatabase);

    /// <returns>The database the settings name; null when Hangfire keeps its jobs in memory.</returns>
    /// <exception cref="InvalidInputException">Hangfire is to use SQL Server, but no usable connection string says which.</exception>
    public static HangfireDatabase? Of(StorageOptions storage, HangfireOptions options)
    {
        var isDataOnSqlServer = storage.Provider == StorageProvider.SqlServer;
        var kind = options.Storage ?? (isDataOnSqlServer ? HangfireStorage.SqlServer : HangfireStorage.InMemory);
        if (kind == HangfireStorage.InMemory)
            return null;

        if (string.IsNullOrWhiteSpace(options.ConnectionString) && !isDataOnSqlServer)
        {
            throw new InvalidInputException(
                "The settings are not acceptable: EvalJobs:Hangfire:Storage is SqlServer but the evaluation data is on SQLite: "
                + "give EvalJobs:Hangfire:ConnectionString, or set EvalJobs:Hangfire:Storage to InMemory.");
        }

        var connectionString = string.IsNullOrWhiteSpace(options.ConnectionString) ? storage.ConnectionString : options.ConnectionString;
        return Data.StorageOptions.ConnectionStringError(StorageProvider.SqlServer, connectionString) is { } error
            ? throw new InvalidInputException(
                $"The settings are not acceptable: EvalJobs:Hangfire:ConnectionString: not a connection string of SqlServer: {error}")
            : new HangfireDatabase(connectionString, options.SchemaName);
    }

    /// <summary>Hangfire's options, set explicitly for 1.8, also those that it would otherwise choose by reading the database.</summary>
    /// <param name="commandTimeout">Longest wait for one of its statements.</param>
    public SqlServerStorageOptions StorageOptions(TimeSpan commandTimeout) => new()
    {
        SqlClientFactory = SqlClientFactory.Instance,
        SchemaName = SchemaName,

        // The server's login needs no DDL rights: 'migrate' installs, the start only checks the version (HangfireSchema).
        PrepareSchemaIfNecessary = false,

        // Reading would connect while the container is being built, before the start has waited for the database; and a failed read
        // is only logged and leaves slower defaults. The start requires schema 9, so the result is known:
        TryAutoDetectSchemaDependentOptions = false,
        DisableGlobalLocks = true, // from schema 6: the global list, set and hash locks only serialise
        UseIgnoreDupKeyOption = true, // from schema 8: INSERT and UPDATE instead of MERGE, which takes range locks and deadlocks
        DeleteExpiredBatchSize = 1000, // below SQL Server's lock escalation near 5000 locks; expired jobs are not urgent
        UseRecommendedIsolationLevel = true, // READ COMMITTED, whatever the connection had last

        // A job is invisible to others for this long, renewed by its server every fifth of that time. It must only be longer than a pause of the
        // process: if a job is delivered again too early, its batch is no longer QUEUED and the second delivery ends at once. Longer than
        // our lease (2 minutes), so that the tick, which has more information, usually decides first.
        SlidingInvisibilityTimeout = TimeSpan.FromMinutes(5),

        // A process gets its own jobs at once; this is only the wait for jobs of other processes and for those of the
        // dashboard. One worker of each pool asks for all of them. Zero would ask five times a second, all the time, from every process.
        QueuePollInterval = TimeSpan.FromSeconds(1),

        // The same timeout as for our own statements; a batch of statements, sent as one, gets Hangfire's five minutes.
        CommandTimeout = commandTimeout,
        CommandBatchMaxTimeout = TimeSpan.FromMinutes(5),

        // Our tables are the record of work, so a job acknowledged twice does no harm, and longer transactions are not needed.
        UseTransactionalAcknowledge = false,

        // A day's jobs at most (one per tenant and tick): removing the expired ones every half hour is enough.
        JobExpirationCheckInterval = TimeSpan.FromMinutes(30),

        // The dashboard counts at most this many rows per state; without a limit it scans the whole table on every poll.
        DashboardJobListLimit = 10_000,
    };
}
