using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>Finds the file that a genome names, only inside the operator's replay folder.</summary>
internal static class ReplayFolder
{
    private const int MaxLinks = 40;

    /// <summary>Checks only the name: a relative path without '..'.</summary>
    /// <exception cref="InvalidInputException">It could lead out of the folder.</exception>
    public static void CheckName(string file)
    {
        // Backslash and colon have a meaning on Windows and none on Linux. A genome must mean the same on both.
        if (file.Any(c => char.IsControl(c) || c is '\\' or ':') || file.StartsWith('/') || file.Split('/').Any(part => part is "" or "." or ".."))
            throw new InvalidInputException($"target.file ({Excerpt.Of(file, 100)}) must be a path inside the replay folder, such as gsm8k/replies.jsonl.");
    }

    /// <returns>The file's real path, every link followed.</returns>
    /// <exception cref="InvalidInputException">No replay folder, no such file, or a link that leads out of the folder.</exception>
    public static string Find(string? folder, string file)
    {
        CheckName(file);
        if (folder is null)
            throw new InvalidInputException("Replay targets are not allowed here; the operator sets EvalJobs:Agents:ReplayFolder.");

        var root = RealPath(Path.GetFullPath(folder));
        var path = RealPath(Path.Join(root, file));
        if (!path.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidInputException($"target.file ({Excerpt.Of(file, 100)}) leads out of the replay folder.");
        if (!File.Exists(path))
            throw new InvalidInputException($"target.file ({Excerpt.Of(file, 100)}) does not exist in the replay folder.");
        return path;
    }

    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path[real.Length..]));
        var links = 0;
        while (rest.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Join(real, part);
            if (LinkTarget(next) is not { } link)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
                throw new InvalidInputException("target.file leads through too many links.");
            if (Path.IsPathRooted(link))
                real = Path.GetPathRoot(link)!;
            foreach (var step in Parts(link[(Path.IsPathRooted(link) ? real.Length : 0)..]))
                rest.Push(step);
        }
        return real;
    }

    /// <returns>The path's parts from the last to the first, ready to be pushed on a stack.</returns>
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();

    private static string? LinkTarget(string path) => new FileInfo(path).LinkTarget;
}
