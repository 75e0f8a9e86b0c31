using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>Distinguishes a violated constraint, or a lock that was not free, from other database errors. Those come from wrong input or a lost race.</summary>
internal static class ConstraintViolation
{
    private const int SqliteConstraintForeignKey = 787;
    private const int SqlServerReference = 547;
    private const int SqliteConstraintPrimaryKey = 1555;
    private const int SqliteConstraintUnique = 2067;
    private const int SqlServerUniqueIndex = 2601;
    private const int SqlServerUniqueConstraint = 2627;

    public static bool IsUniqueViolation(this DbException error) => error switch
    {
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey,
        SqlException sqlServer => sqlServer.Number is SqlServerUniqueIndex or SqlServerUniqueConstraint,
        _ => false,
    };

    /// <summary>Of a statement that sets LOCK_TIMEOUT: another session holds what it needs.</summary>
    public static bool IsLockTimeout(this DbException error) => error is SqlException { Number: DatabaseOutage.LockTimeout };

    public static bool IsForeignKeyViolation(this DbException error) => error switch
    {
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode == SqliteConstraintForeignKey,
        SqlException sqlServer => sqlServer.Number == SqlServerReference,
        _ => false,
    };
}
