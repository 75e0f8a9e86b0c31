using System.Text.RegularExpressions;

namespace EvalJobs.Data;

/// <summary>The SQL Server migrations as one script, for administrators who run no program against their database.</summary>
/// <remarks>
/// It and <see cref="SchemaMigrator"/> may take turns on one database: they share the journal and the lock. Each batch of a migration is
/// run by its own EXEC, because a batch is compiled as a whole, and a later one names columns that an earlier one makes.
/// </remarks>
internal static partial class MigrationScript
{
    private const string Journal = "dbo." + SchemaMigrator.SqlServerJournal;

    /// <returns>The text of <c>scripts/01-install-or-upgrade.sql</c>; lines end in a line feed.</returns>
    public static string Compose()
    {
        var migrations = SchemaMigrator.Scripts(StorageProvider.SqlServer);
        return $$"""
            -- Purpose:    Creates the tables of EvalJobs (schema eval) in this database, or upgrades those of an older version. It does the same as EvalJobs.Server migrate.
            --             Generated from the program's migrations by EvalJobs.Server migrate --script data: change the migrations, not this file.
            --             It does not contain Hangfire's tables: EvalJobs.Server migrate --script hangfire prints Hangfire's own script.
            -- Parameters: @Apply  1 changes; 0 shows which migrations are missing
            -- Changes:    tables and indexes of the schema eval; {{Journal}} lists the migrations that have run. All in one transaction, under the lock of
            --             migrate, so that nothing is created in part or twice. Needs a login that may change the schema (db_owner). Stop the servers first:
            --             tables are locked until it ends. No audit record, because the table of audit records may not exist yet.
            -- Undo:       restore the previous backup
            SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
            SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

            DECLARE @Apply bit = 0;

            DECLARE @Migration TABLE (ScriptName nvarchar(255) NOT NULL PRIMARY KEY);
            DECLARE @Before TABLE (ScriptName nvarchar(255) NOT NULL);
            DECLARE @Lock int;

            INSERT INTO @Migration (ScriptName)
            VALUES {{string.Join(", ", migrations.Select(migration => $"(N'{migration.Name}')"))}};

            BEGIN TRY
                BEGIN TRANSACTION;

                EXEC @Lock = sp_getapplock @Resource = N'{{SchemaMigrator.SqlServerLock}}', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = {{(int)SchemaMigrator.LockWait.TotalMilliseconds}};
                IF @Lock < 0
                    THROW 50000, N'Another migration has held the lock for too long. Try again when it has ended.', 1;

                IF OBJECT_ID(N'{{Journal}}') IS NOT NULL
                    INSERT INTO @Before (ScriptName) SELECT j.ScriptName FROM {{Journal}} j;

                IF EXISTS (SELECT 1 FROM @Before b WHERE NOT EXISTS (SELECT 1 FROM @Migration m WHERE m.ScriptName = b.ScriptName))
                    THROW 50000, N'A newer EvalJobs has migrated this database: use the script of that version.', 1;

                IF @Apply = 1 AND OBJECT_ID(N'{{Journal}}') IS NULL
                    CREATE TABLE {{Journal}} (
                        Id int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_{{SchemaMigrator.SqlServerJournal}}_Id PRIMARY KEY,
                        ScriptName nvarchar(255) NOT NULL,
                        Applied datetime NOT NULL
                    );

            {{string.Join("\n", migrations.Select(migration => Guarded(migration.Name, migration.Sql)))}}
                SELECT m.ScriptName,
                       CASE WHEN b.ScriptName IS NOT NULL THEN N'has run before' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
                FROM @Migration m
                LEFT JOIN @Before b ON b.ScriptName = m.ScriptName
                ORDER BY m.ScriptName;

                COMMIT TRANSACTION;
            END TRY
            BEGIN CATCH
                IF @@TRANCOUNT > 0
                    ROLLBACK TRANSACTION;
                THROW;
            END CATCH;

            """;
    }

    private static string Guarded(string name, string sql) => $"""
            IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'{name}')
            BEGIN
        {string.Concat(Batches(sql).Select(batch => $"        EXEC (N'{batch.Replace("'", "''", StringComparison.Ordinal)}');\n"))}        INSERT INTO {Journal} (ScriptName, Applied) VALUES (N'{name}', SYSUTCDATETIME());
            END;

        """;

    private static IEnumerable<string> Batches(string sql) =>
        BatchEnd().Split(sql.ReplaceLineEndings("\n")).Select(batch => batch.Trim('\n')).Where(batch => batch.Length > 0);

    /// <summary>Where sqlcmd and DbUp end a batch.</summary>
    [GeneratedRegex(@"^GO\s*$", RegexOptions.Multiline, 1000)]
    private static partial Regex BatchEnd();
}
