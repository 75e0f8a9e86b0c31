using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>Tells the database's own trouble, which another moment may not have, from what is wrong with a statement or its values.</summary>
public static class DatabaseTrouble
{
    /// <summary>SQLite: busy, locked, read-only, I/O error, full, cannot open.</summary>
    private static readonly int[] SqliteTrouble = [5, 6, 8, 10, 13, 14];

    /// <summary>SQL Server, beside what is transient: file group full, log full, database read-only, offline or without quorum.</summary>
    private static readonly int[] SqlServerTrouble = [1105, 9002, 3906, 942, 978, 983, 1101];

    /// <summary>The provider's number for a statement, or a connection, that took too long.</summary>
    internal const int Timeout = -2;

    /// <summary>From this class of error on, SQL Server or the provider has closed the connection.</summary>
    private const byte ConnectionIsGone = 20;

    /// <returns>Whether the database is at fault: unreachable, locked, full, read-only, or in doubt whether it stored a commit.</returns>
    public static bool IsDatabaseTrouble(this DbException error) => error switch
    {
        CommitUnknownException => true,
        SqliteException sqlite => SqliteTrouble.Contains(sqlite.SqliteErrorCode),
        SqlException sqlServer => sqlServer.IsTransientFault() || sqlServer.Errors.Cast<SqlError>().Any(each => SqlServerTrouble.Contains(each.Number)),
        _ => false,
    };

    /// <summary>Faults that go away by themselves: deadlock victim, failover, throttling, a broken connection.</summary>
    /// <remarks>A connection that broke, or could not be made, is known by its class: outside Windows it mostly has no number at all.</remarks>
    internal static bool IsTransientFault(this SqlException error) =>
        error.Class >= ConnectionIsGone || error.Errors.Cast<SqlError>().Any(each => each.Number is
            1205 or 1222 or Timeout or 233 or 4060 or 4221 or 10053 or 10054 or 10060 or 10928 or 10929 or 40143 or 40197 or 40501 or 40540
            or 40613 or 42108 or 42109 or 49918 or 49919 or 49920);
}
