using System.Runtime.InteropServices;

namespace EvalJobs.ScorerHost;

/// <summary>Limits the process sets itself before it reads anything. The memory limit is the server's: a variable of .NET, and its own watch.</summary>
internal static class ProcessLimits
{
    private const int CpuSeconds = 0;
    private const int CoreSize = 4;
    private const ulong MaxCpuSeconds = 300;

    private const int DeathSignal = 1;
    private const int NoNewPrivileges = 38;
    private const int Kill = 9;

    public static void Set()
    {
        // This process runs tenants' patterns only, so its default may be theirs.
        AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));

        // Elsewhere the server's watch and the end of standard input must do.
        if (!OperatingSystem.IsLinux())
            return;

        var parent = GetParent();
        SetLimit(CoreSize, 0);
        SetLimit(CpuSeconds, MaxCpuSeconds);
        _ = Control(NoNewPrivileges, 1, 0, 0, 0);
        _ = Control(DeathSignal, Kill, 0, 0, 0);

        // The server may have ended before the signal was asked for.
        if (GetParent() != parent)
            Environment.Exit(1);
    }

    private static void SetLimit(int resource, ulong value)
    {
        var limit = new ResourceLimit { Soft = value, Hard = value };
        _ = SetResourceLimit(resource, ref limit);
    }

    [DllImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetResourceLimit(int resource, ref ResourceLimit limit);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParent();

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
