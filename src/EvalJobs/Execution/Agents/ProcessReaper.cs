using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Ends the agents' programs when this process ends in any way. On Linux a small shell script waits for our end of a pipe to close, which
/// the system does even when we are killed, and then kills every process that inherited our mark. On Windows a job object does it.
/// Elsewhere nothing does. Safe for concurrent use.
/// </summary>
internal sealed partial class ProcessReaper(ILogger<ProcessReaper> logger) : IDisposable
{
    // Only words that every POSIX shell and BusyBox have. A process may start another between two sweeps, so there are several.
    private const string Script =
        """
        trap '' HUP INT QUIT TERM
        cat >/dev/null
        sweep=0
        while [ "$sweep" -lt 5 ]; do
          found=
          for folder in /proc/[0-9]*; do
            if tr '\0' '\n' 2>/dev/null <"$folder/environ" | grep -q "^EVALJOBS_CALL=$1\."; then
              kill -9 "${folder#/proc/}" 2>/dev/null && found=1
            fi
          done
          [ -n "$found" ] || break
          sweep=$((sweep + 1))
        done
        """;

    private readonly Lock _lock = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private Process? _script;
    private WindowsJobObject? _job;
    private bool _hasFailed;

    /// <returns>A new value for <see cref="ProcessTree.MarkVariable"/>, which the program and all its descendants inherit.</returns>
    public string NewMark() => $"{_mark}.{Guid.NewGuid():N}";

    /// <summary>Called before a program is started.</summary>
    public void EnsureWatching()
    {
        lock (_lock)
        {
            if (_hasFailed || _script is { HasExited: false } || !OperatingSystem.IsLinux())
                return;

            _script?.Dispose();
            _script = null;
            var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", _mark]) { UseShellExecute = false, RedirectStandardInput = true };
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
            try
            {
                _script = Process.Start(start);
            }
            catch (Win32Exception error)
            {
                _hasFailed = true;
                LogNotWatching(error.Message);
            }
        }
    }

    /// <summary>Called after a program was started.</summary>
    public void Watch(Process process)
    {
        if (!OperatingSystem.IsWindows())
            return;
        lock (_lock)
        {
            if (_hasFailed)
                return;
            try
            {
                (_job ??= new WindowsJobObject()).Add(process);
            }
            catch (Win32Exception error)
            {
                _hasFailed = true;
                LogNotWatching(error.Message);
            }
        }
    }

    /// <summary>Ends the remaining programs, as the end of this process would.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _hasFailed = true;
            if (OperatingSystem.IsWindows())
                _job?.Dispose();
            if (_script is null)
                return;
            _script.StandardInput.Close();
            _script.Dispose();
            _script = null;
        }
    }

    [LoggerMessage(EventId = 4000, Level = LogLevel.Warning,
        Message = "Programs of 'process' agents will not be ended if this server is killed: {Reason}")]
    private partial void LogNotWatching(string reason);
}
