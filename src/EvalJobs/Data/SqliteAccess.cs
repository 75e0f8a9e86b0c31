using Microsoft.Data.Sqlite;

namespace EvalJobs.Data;

/// <summary>How this process may use an SQLite file: commands that only read work even if their user may not write the file or its folder.</summary>
internal static class SqliteAccess
{
    /// <summary>Linux and macOS: the file system is mounted to be read. Windows: the medium is write-protected. Values of <see cref="Exception.HResult"/>.</summary>
    private static readonly int[] ReadOnlyMedium = [30, unchecked((int)0x80070013)];

    /// <returns>Whether the file is there, and it or its folder may not be written. A full disk does not count: SQLite reports it when it writes.</returns>
    public static bool IsReadOnly(string file)
    {
        if (!File.Exists(file))
            return false;
        try
        {
            using (File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            {
            }

            // SQLite keeps its log in the same folder as the file.
            using var probe = File.OpenHandle($"{file}.{Guid.NewGuid():N}", FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException error)
        {
            return ReadOnlyMedium.Contains(error.HResult);
        }
    }

    /// <returns>The connection string that reads the file and writes nothing, not even SQLite's own files in the same folder.</returns>
    public static string ReadOnlyConnectionString(SqliteConnectionStringBuilder connection, string file)
    {
        // Immutable: SQLite then needs no log. If there is a log, another process is running, and the log must be read with the file.
        var isAtRest = !File.Exists($"{file}-wal");
        return new SqliteConnectionStringBuilder(connection.ConnectionString)
        {
            DataSource = isAtRest ? $"{new Uri(file).AbsoluteUri}?immutable=1" : file,
            Mode = SqliteOpenMode.ReadOnly,
        }.ToString();
    }

    /// <returns>The error for a command that would write.</returns>
    public static UnauthorizedAccessException CreateReadOnlyError(string name, Exception cause) =>
        new($"The database {name} cannot be written: this user may not write the file or its folder. Commands that only read work.", cause);
}
