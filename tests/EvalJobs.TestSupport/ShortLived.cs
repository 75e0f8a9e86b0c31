using System.Diagnostics;

namespace EvalJobs.Tests.Support;

/// <summary>For processes of .NET that end after seconds.</summary>
internal static class ShortLived
{
    /// <summary>Lets the runtime wait for ten quiet seconds before it optimizes code: a server that ends before would never earn it back.</summary>
    public static void Set(ProcessStartInfo start) => start.Environment["DOTNET_TC_CallCountingDelayMs"] = "10000";
}
