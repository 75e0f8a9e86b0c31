using EvalJobs.Data;
using Hangfire.SqlServer;
using Microsoft.Data.SqlClient;

namespace EvalJobs.DependencyInjection;

/// <summary>Hangfire's own tables on SQL Server: installed by <c>migrate</c>, only checked by the server.</summary>
internal sealed class HangfireSchema(HangfireDatabase database)
{
    private const int InvalidObjectName = 208;
    private const int PermissionDenied = 229;

    /// <summary>The version this program's Hangfire works with; a newer one is fine, Hangfire keeps its tables readable for older clients.</summary>
    public static int RequiredVersion => SqlServerObjectsInstaller.LatestSchemaVersion;

    /// <summary>What <see cref="InstallAsync"/> runs, for an administrator to run: Hangfire's own script, which does nothing to tables that are current.</summary>
    /// <param name="schemaName">The schema of Hangfire's tables.</param>
    /// <returns>T-SQL, one batch.</returns>
    /// <remarks>
    /// Hangfire's script creates filtered indexes and leaves the options they need to the session. sqlcmd has other options
    /// (QUOTED_IDENTIFIER is off there unless -I is given), and the script would end with error 1934. With IMPLICIT_TRANSACTIONS its COMMIT would commit nothing.
    /// </remarks>
    public static string InstallScript(string schemaName) => $"""
        -- Hangfire's own script, for the schema {schemaName}. Run it with a login that may change the schema, while the servers are stopped.
        SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
        SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;

        {SqlServerObjectsInstaller.GetInstallScript(schemaName, enableHeavyMigrations: true)}
        """;

    /// <summary>Installs or upgrades the tables, in one transaction and under Hangfire's own application lock.</summary>
    /// <remarks>Heavy steps are allowed: an operator runs this, not a starting server. They rewrite Hangfire's tables, so stop the servers first.</remarks>
    /// <returns>The version before (null when there was none) and after.</returns>
    /// <exception cref="SqlException">The database is unreachable, or the login may not change the schema.</exception>
    public async Task<(int? Before, int? After)> InstallAsync(CancellationToken cancellationToken)
    {
        await using var connection = new SqlConnection(database.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var before = await ReadVersionAsync(connection, cancellationToken);
        SqlServerObjectsInstaller.Install(connection, database.SchemaName, enableHeavyMigrations: true);
        return (before, await ReadVersionAsync(connection, cancellationToken));
    }

    /// <summary>Checks, without changing anything, that the tables are there and new enough.</summary>
    /// <exception cref="SchemaException">They are not; the message says what to do.</exception>
    /// <exception cref="SqlException">The database is unreachable.</exception>
    public async Task EnsureCurrentAsync(CancellationToken cancellationToken)
    {
        await using var connection = new SqlConnection(database.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        if (FindError(database.SchemaName, await ReadVersionAsync(connection, cancellationToken)) is { } error)
            throw new SchemaException(error);
    }

    /// <returns>Why a server cannot work with that version of Hangfire's schema; null when it can.</returns>
    public static string? FindError(string schemaName, int? version) => version switch
    {
        null => $"Hangfire's tables are not in the schema {schemaName}; run 'migrate' with a login that may change the schema.",
        _ when version < RequiredVersion =>
            $"Hangfire's schema {schemaName} has version {version} and this server needs {RequiredVersion}; "
            + "stop the servers and run 'migrate' with a login that may change the schema.",
        _ => null,
    };

    private async Task<int?> ReadVersionAsync(SqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT MAX([Version]) FROM [{database.SchemaName}].[Schema]";
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) as int?;
        }
        catch (SqlException error) when (error.Number == InvalidObjectName)
        {
            return null;
        }
        catch (SqlException error) when (error.Number == PermissionDenied)
        {
            throw new SchemaException(
                $"The login may not read [{database.SchemaName}].[Schema]; give it the rights in scripts/02-grants.sql.", error);
        }
    }
}
