namespace EvalJobs.Data;

/// <summary>Settings of the server and of the database that EvalJobs can work with, but that an administrator should know.</summary>
internal sealed record SqlServerSettings
{
    /// <summary>Reads one row. Every login may.</summary>
    internal const string Query = """
        SELECT CAST((SELECT c.value_in_use FROM sys.configurations c WHERE c.name = N'user options') AS int) AS UserOptions,
               d.is_parameterization_forced AS IsParameterizationForced, d.is_read_committed_snapshot_on AS IsReadCommittedSnapshotOn
        FROM sys.databases d
        WHERE d.database_id = DB_ID();
        """;

    private const int ImplicitTransactions = 2;
    private const int NoCount = 512;
    private const int NumericRoundAbort = 8192;

    /// <summary>Bits of <c>sp_configure 'user options'</c>; null when the login may not see them.</summary>
    public int? UserOptions { get; init; }

    /// <summary>Whether the database has PARAMETERIZATION FORCED.</summary>
    public required bool IsParameterizationForced { get; init; }

    /// <summary>Whether readers see row versions instead of waiting for writers.</summary>
    public required bool IsReadCommittedSnapshotOn { get; init; }

    /// <summary>One sentence for each setting that is not as EvalJobs needs it, with the right value.</summary>
    public IEnumerable<string> Warnings()
    {
        var options = UserOptions ?? 0;
        string[] names = [.. OptionNames(options)];
        if (names.Length > 0)
        {
            yield return $"The server's 'user options' ({options}) have {string.Join(" and ", names)} on. EvalJobs and its scripts switch them off for themselves;"
                + " for Hangfire: EXEC sp_configure 'user options', 0; RECONFIGURE.";
        }

        if (IsParameterizationForced)
        {
            yield return "The database has PARAMETERIZATION FORCED: SQL Server may then not use the filtered indexes, and ticks and claims read the history."
                + " Recommended: ALTER DATABASE CURRENT SET PARAMETERIZATION SIMPLE.";
        }

        if (!IsReadCommittedSnapshotOn)
        {
            yield return "READ_COMMITTED_SNAPSHOT is off: readers wait for writers, and a stopped process that holds locks stops them."
                + " Recommended: scripts/00-check-database.sql with @Apply = 1.";
        }
    }

    private static IEnumerable<string> OptionNames(int options)
    {
        if ((options & NoCount) != 0)
            yield return "NOCOUNT";
        if ((options & ImplicitTransactions) != 0)
            yield return "IMPLICIT_TRANSACTIONS";
        if ((options & NumericRoundAbort) != 0)
            yield return "NUMERIC_ROUNDABORT";
    }
}
