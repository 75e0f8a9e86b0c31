using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EvalJobs.Tests.Support;

/// <summary>The real server as a separate process, which a test can kill, pause and resume.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<(DateTimeOffset At, string Text)> _log = new();

    private ServerProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    /// <summary>The name the test gave it.</summary>
    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IEnumerable<string> Log => _log.Select(line => line.Text);

    /// <summary>The log lines with the time at which each arrived here, a little after it was written.</summary>
    public IEnumerable<(DateTimeOffset At, string Text)> TimedLog => _log;

    /// <summary>Starts <c>serve</c> with a tick every second; does not wait until it is up.</summary>
    /// <param name="name">A name for the messages of the test.</param>
    /// <param name="database">The database it works on; any number of servers may share one.</param>
    /// <param name="settings">Further settings; names without <c>EvalJobs:</c>.</param>
    /// <param name="program">Folder of the program; null means the folder of the build.</param>
    /// <param name="wrapper">A command that starts the command given as its arguments, such as <c>setpriv</c> with its options.</param>
    public static ServerProcess Start(
        string name, TestDatabase database, IEnumerable<(string Name, string Value)> settings, string? program = null, string[]? wrapper = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["Urls"] = "http://127.0.0.1:0" };
        foreach (var (setting, value) in Defaults(database).Concat(settings))
            environment[$"EvalJobs:{setting}"] = value;
        return Start(name, environment, program, wrapper);
    }

    /// <summary>Starts <c>serve</c> with nothing but this environment set; colons in names are allowed.</summary>
    public static ServerProcess Start(
        string name, IReadOnlyDictionary<string, string> environment, string? program = null, string[]? wrapper = null)
    {
        string[] command = [.. wrapper ?? [], "dotnet", "exec", Path.Combine(program ?? AppContext.BaseDirectory, "EvalJobs.Server.dll"), "serve"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        ShortLived.Set(start);
        foreach (var (variable, value) in environment)
            start.Environment[variable.Replace(":", "__", StringComparison.Ordinal)] = value;

        var server = new ServerProcess(new Process { StartInfo = start }, name);
        server._process.OutputDataReceived += (_, line) => server.Note(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits until it has logged a line that matches.</summary>
    /// <exception cref="TimeoutException">It has not logged the line within three minutes.</exception>
    public async Task WaitForLogAsync(string pattern, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (!Log.Any(line => Regex.IsMatch(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(1))))
        {
            if (waiting.Elapsed > TimeSpan.FromMinutes(3))
                throw new TimeoutException($"{Name} has not logged '{pattern}'; its log ends with\n{string.Join('\n', Log.TakeLast(10))}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP. When this returns, the process executes nothing more, but its connections and locks stay.</summary>
    /// <remarks>
    /// The signal goes to one thread, which stops the others when it gets the processor; on a busy machine they may continue for a while and
    /// take a lock before they stop. Where the system does not list threads, this does not wait for them.
    /// </remarks>
    public async Task PauseAsync()
    {
        await SignalAsync("STOP");
        while (OperatingSystem.IsLinux() && Directory.EnumerateDirectories($"/proc/{Id}/task").Any(thread => !IsStopped(thread)))
            await Task.Delay(5);
    }

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static IEnumerable<(string Name, string Value)> Defaults(TestDatabase database) =>
    [
        ("Storage:Provider", $"{database.Options.Provider}"),
        ("Storage:ConnectionString", database.Options.ConnectionString),

        // The tests are about the product's own storage, not Hangfire's.
        ("Hangfire:Storage", "InMemory"),
        ("Dispatch:Cron", "* * * * * *"),
        ("Hangfire:SchedulePollingInterval", "00:00:01"),
        ("Execution:RetryBackoff", "00:00:00"),
        ("Agents:AllowedHosts:0", "127.0.0.1"),
        ("Agents:MaxRetries", "0"),
    ];

    private static bool IsStopped(string thread)
    {
        try
        {
            // Number, name in brackets (which may hold anything), state.
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            // The thread has ended since it was listed.
            return true;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        kill.ExitCode.Should().Be(0, $"process {_process.Id} must exist to get {signal}");
    }

    private void Note(string? line)
    {
        if (line is not null)
            _log.Enqueue((DateTimeOffset.UtcNow, line));
    }
}
