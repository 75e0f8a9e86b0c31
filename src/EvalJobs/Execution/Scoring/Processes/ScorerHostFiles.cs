using System.Diagnostics;

namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>Finds the program of the scorer processes and what starts it.</summary>
internal static class ScorerHostFiles
{
    /// <summary>The program's file; it is in the folder of this library.</summary>
    public const string FileName = "EvalJobs.ScorerHost.dll";

    // What .NET itself may need to start. Other variables, such as secrets, are not passed on.
    private static readonly string[] Inherited = ["LD_LIBRARY_PATH", "DOTNET_ROOT", "SystemRoot", "windir"];

    /// <exception cref="FileNotFoundException">The program or <c>dotnet</c> is not there; the message says which and where it was looked for.</exception>
    public static ProcessStartInfo StartInfo(ScoringOptions options)
    {
        var program = Path.Combine(AppContext.BaseDirectory, FileName);
        if (!File.Exists(program))
            throw new FileNotFoundException($"{FileName} is not in {AppContext.BaseDirectory}. It must be in the same folder as EvalJobs.dll; build or publish the program again.");

        var start = new ProcessStartInfo(DotnetPath())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(program);

        var inherited = Inherited.Select(name => (name, Value: Environment.GetEnvironmentVariable(name))).Where(each => each.Value is not null).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
            start.Environment[name] = value;
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{options.ProcessMemoryMegabytes * 1024L * 1024:X}";
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = IsInvariant() ? "1" : "0";
        return start;
    }

    private static bool IsInvariant() =>
        AppContext.TryGetSwitch("System.Globalization.Invariant", out var isInvariant) && isInvariant
        || Environment.GetEnvironmentVariable("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT") is "1" or "true";

    private static string DotnetPath()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

        // The runtime that runs us lies in <dotnet>/shared/Microsoft.NETCore.App/<version>.
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location);
        string?[] candidates =
        [
            Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath : null,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"),
            runtime is null ? null : Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", name)),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)),
        ];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"{name} was found neither in the folder of the running .NET nor in PATH; scorer processes are started with it.");
    }
}
