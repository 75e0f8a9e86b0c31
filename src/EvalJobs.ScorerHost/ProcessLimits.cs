using System.Runtime.InteropServices;

namespace EvalJobs.ScorerHost;

/// <summary>
/// The limits that the process sets for itself before it reads anything. The server sets the memory limit, by a variable of .NET, and watches the
/// memory.
/// </summary>
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
        // This process runs only patterns of tenants, so their time limit can be the default of the process.
        AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));

        // On other systems only the server's watch and the end of standard input end the process.
        if (!OperatingSystem.IsLinux())
            return;

        var parent = GetParent();
        SetLimit(CoreSize, 0);
        SetLimit(CpuSeconds, MaxCpuSeconds);
        _ = Control(NoNewPrivileges, 1, 0, 0, 0);
        _ = Control(DeathSignal, Kill, 0, 0, 0);

        // The server may have ended before the signal was requested.
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
