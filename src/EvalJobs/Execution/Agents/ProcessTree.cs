using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EvalJobs.Execution.Agents;

/// <summary>Ends a program together with everything it started.</summary>
internal static class ProcessTree
{
    /// <summary>The environment variable that marks a program and all its descendants, because they inherit it.</summary>
    public const string MarkVariable = "EVALJOBS_CALL";

    private const int MaxSweeps = 5;

    /// <summary>Kills the tree. Never fails: what has ended already, or cannot be reached, stays as it is.</summary>
    /// <param name="root">The program as it was started; it may have ended.</param>
    /// <param name="mark">The unique value its <see cref="MarkVariable"/> was given.</param>
    public static void Kill(Process root, string mark)
    {
        try
        {
            root.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended already.
        }

        // Kill follows parent ids, and misses a child whose parent has ended. On Linux the inherited mark still finds it. More than one
        // sweep, because a child may start another before it is killed.
        for (var sweep = 0; OperatingSystem.IsLinux() && sweep < MaxSweeps && KillMarked(mark) > 0; sweep++)
            Thread.Yield();
    }

    private static int KillMarked(string mark)
    {
        var entry = Encoding.ASCII.GetBytes($"{MarkVariable}={mark}");
        var killed = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
                continue;
            try
            {
                // Empty for a zombie, so one that is dead already does not count again.
                if (File.ReadAllBytes(Path.Join(folder, "environ")).AsSpan().IndexOf(entry) < 0)
                    continue;
                using var process = Process.GetProcessById(id);
                process.Kill();
                killed++;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
            {
                // Another user's, or ended since it was listed.
            }
        }
        return killed;
    }
}
