using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>Distinguishes a temporary outage of the database from an error in a statement or its values.</summary>
internal static class DatabaseOutage
{
    /// <summary>SQLite: busy, locked, read-only, I/O error, full, cannot open.</summary>
    private static readonly int[] SqliteErrors = [5, 6, 8, 10, 13, 14];

    /// <summary>Errors of SQL Server below <see cref="ResourceClass"/> that are outages, in addition to the transient errors.</summary>
    private static readonly int[] SqlServerErrors =
    [
        701, 802, 8645, 8651, 10936, // memory, or workers of the pool
        1204, // locks
        1101, 1105, 9002, 40544, // file group, log or quota full
        3906, 942, 976, 978, 979, 982, 983, // read-only, offline, a secondary, none that can be read, without quorum
        17197, 18401, // the login waits for memory, or for the server's start
        40549, 40550, 40551, 40552, 40553, // Azure ended the session: too long, too many locks, too much tempdb, log or memory
    ];

    /// <summary>The provider's number for a statement, or a connection, that took too long.</summary>
    internal const int Timeout = -2;

    /// <summary>SQL Server's number for a lock that was not free in the time LOCK_TIMEOUT gives.</summary>
    internal const int LockTimeout = 1222;

    /// <summary>From this class of error on, SQL Server lacks resources or is broken itself; below it, the statement or its values are wrong.</summary>
    private const byte ResourceClass = 17;

    /// <summary>From this class of error on, SQL Server or the provider has closed the connection.</summary>
    private const byte ConnectionIsGone = 20;

    /// <returns>Whether the database caused the error: it is unreachable, locked, full, read-only, short of memory, or it is unknown whether a commit was stored.</returns>
    public static bool IsOutage(this DbException error) => error switch
    {
        CommitUnknownException or DatabaseMovedException or RowCountException { IsUncounted: true } => true,
        SqliteException sqlite => SqliteErrors.Contains(sqlite.SqliteErrorCode),
        SqlException sqlServer => sqlServer.IsTransient() || sqlServer.Class >= ResourceClass
            || sqlServer.Errors.Cast<SqlError>().Any(each => each.Class >= ResourceClass || SqlServerErrors.Contains(each.Number)),
        _ => false,
    };

    /// <summary>Transient errors: deadlock victim, failover, a read that a secondary ended, throttling, a broken connection.</summary>
    /// <remarks>A connection that broke, or could not be made, is known by its class: outside Windows it mostly has no number at all.</remarks>
    internal static bool IsTransient(this SqlException error) =>
        error.Class >= ConnectionIsGone || error.Errors.Cast<SqlError>().Any(each => each.Number is
            1205 or LockTimeout or Timeout or 233 or 3947 or 3948 or 4060 or 4221 or 10053 or 10054 or 10060 or 10928 or 10929 or 40143 or 40197 or 40501 or 40540
            or 40613 or 42108 or 42109 or 49918 or 49919 or 49920);
}
