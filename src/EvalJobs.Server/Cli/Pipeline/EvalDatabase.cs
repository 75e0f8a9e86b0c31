using Microsoft.Data.Sqlite;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>The database of one <c>eval</c>: a file that the user keeps, or a temporary one, which is deleted when the command ends.</summary>
internal sealed class EvalDatabase : IDisposable
{
    private readonly DirectoryInfo? _temporary;

    private EvalDatabase(string file, DirectoryInfo? temporary)
    {
        File = file;
        _temporary = temporary;
    }

    /// <summary>The SQLite file. It may not exist yet.</summary>
    public string File { get; }

    /// <param name="kept">The file to keep; null creates a temporary one.</param>
    public static EvalDatabase Open(string? kept)
    {
        if (kept is not null)
            return new EvalDatabase(kept, null);
        var folder = Directory.CreateTempSubdirectory("evaljobs-eval-");
        return new EvalDatabase(Path.Combine(folder.FullName, "eval.db"), folder);
    }

    /// <summary>Deletes the temporary file. Call it when the database is no longer used.</summary>
    public void Dispose()
    {
        if (_temporary is null)
            return;
        SqliteConnection.ClearAllPools();
        _temporary.Delete(recursive: true);
    }
}
