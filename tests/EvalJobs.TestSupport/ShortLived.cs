using System.Diagnostics;

namespace EvalJobs.Tests.Support;

/// <summary>Settings for .NET processes that end after seconds.</summary>
internal static class ShortLived
{
    /// <summary>Lets the runtime wait for ten idle seconds before it optimizes code. A server that ends earlier would not save the time that optimizing costs.</summary>
    public static void Set(ProcessStartInfo start) => start.Environment["DOTNET_TC_CallCountingDelayMs"] = "10000";
}
