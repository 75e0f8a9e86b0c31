namespace EvalJobs.Data;

/// <summary>
/// Notices that the SQLite file was moved, deleted or replaced while this process uses it. Open connections continue to write to the old file, which nobody
/// will ever read; new connections would create another file. So nothing is read or written until the file is back. Safe for concurrent use.
/// </summary>
internal sealed class SqliteFileGuard(string path)
{
    private readonly Lock _lock = new();
    private FileIdentity? _file;

    /// <summary>Stores the identity of the file at the first connection.</summary>
    public void Remember()
    {
        lock (_lock)
            _file ??= FileIdentity.Of(path);
    }

    /// <exception cref="DatabaseMovedException">It is not the file this process has used so far.</exception>
    public void EnsureSame()
    {
        lock (_lock)
        {
            if (_file is not { } file)
                return;
            var problem = FileIdentity.Of(path) switch
            {
                null => "was moved or deleted",
                { } now when now != file => "was replaced by another file",
                _ => null,
            };
            if (problem is not null)
                throw new DatabaseMovedException($"The database file {path} {problem} while this process used it. Nothing is read or written until it is back, or the process was started again.");
        }
    }
}
