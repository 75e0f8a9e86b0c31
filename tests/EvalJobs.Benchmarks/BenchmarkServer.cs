using System.Diagnostics;
using EvalJobs.Data;

namespace EvalJobs.Benchmarks;

/// <summary>The real server as a separate process, so that its memory and processor time can be measured.</summary>
internal sealed class BenchmarkServer : IDisposable
{
    private readonly Process _process;

    private BenchmarkServer(Process process) => _process = process;

    /// <summary>Its peak resident memory.</summary>
    public long PeakBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Its current resident memory.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static BenchmarkServer Start(StorageOptions storage, params (string Name, string Value)[] settings) => StartAt("http://127.0.0.1:0", storage, settings);

    /// <param name="url">The address it listens on.</param>
    /// <param name="storage">Its database.</param>
    /// <param name="settings">Settings; names without "EvalJobs:".</param>
    public static BenchmarkServer StartAt(string url, StorageOptions storage, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "EvalJobs.Server.dll"), "serve"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["Urls"] = url;
        start.Environment["EvalJobs__Storage__ConnectionString"] = storage.ConnectionString;
        start.Environment["EvalJobs__Dispatch__Cron"] = "* * * * * *";
        start.Environment["EvalJobs__Hangfire__SchedulePollingInterval"] = "00:00:01";
        start.Environment["EvalJobs__Agents__AllowedHosts__0"] = "127.0.0.1";
        foreach (var (name, value) in settings)
            start.Environment[$"EvalJobs__{name.Replace(":", "__", StringComparison.Ordinal)}"] = value;

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return new BenchmarkServer(process);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
