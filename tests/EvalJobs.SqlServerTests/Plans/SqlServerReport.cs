using EvalJobs.Tests.Support;
using Microsoft.Data.SqlClient;

namespace EvalJobs.Tests.Plans;

/// <summary>Writes the report that scripts/verify-sqlserver.sh collects to the folder in EVALJOBS_REPORT. Without this variable nothing is written.</summary>
internal static class SqlServerReport
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("EVALJOBS_REPORT") is { Length: > 0 } folder ? Directory.CreateDirectory(folder).FullName : null;

    private static readonly Lock Gate = new();

    public static void Write(string file, string text)
    {
        if (Folder is null)
            return;
        lock (Gate)
            File.AppendAllText(Path.Combine(Folder, file), text + Environment.NewLine);
    }

    /// <summary>Writes the server's version and relevant settings, without its name.</summary>
    public static async Task WriteServerAsync(TestDatabase database)
    {
        await using var connection = new SqlConnection(database.Options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new SqlCommand(
            """
            SELECT CONCAT(CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), N' ', CAST(SERVERPROPERTY('Edition') AS nvarchar(128)), N', engine edition ', CAST(SERVERPROPERTY('EngineEdition') AS nvarchar(10)),
                          N', collation ', d.collation_name, N', compatibility ', d.compatibility_level, N', read-committed snapshot ', d.is_read_committed_snapshot_on,
                          N', forced parameterization ', d.is_parameterization_forced, N', processors ', (SELECT i.cpu_count FROM sys.dm_os_sys_info i), N', memory MB ', (SELECT i.physical_memory_kb / 1024 FROM sys.dm_os_sys_info i))
            FROM sys.databases d
            WHERE d.database_id = DB_ID();
            """, connection);
        Write("server.txt", (string)(await command.ExecuteScalarAsync())!);
        command.CommandText = "SELECT CONCAT(c.name, N' = ', CAST(c.value_in_use AS nvarchar(50))) FROM sys.configurations c ORDER BY c.name";
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            Write("server.txt", reader.GetString(0));
    }
}
