using System.Net.Sockets;

namespace EvalJobs.Execution;

/// <summary>Distinguishes a failure of this server (memory, disk, handles) from one of an agent or a case. It gives no verdict and does not count as a failed attempt.</summary>
internal static class HostFailure
{
    /// <summary>Windows: disk full, handle disk full, too many open files, not enough memory. As HRESULTs.</summary>
    private static readonly int[] WindowsCodes = [unchecked((int)0x80070070), unchecked((int)0x80070027), unchecked((int)0x80070004), unchecked((int)0x80070008)];

    /// <summary>Linux and macOS: out of memory, too many open files in the system or the process, no space on the device, quota exceeded. As errno.</summary>
    private static readonly int[] UnixCodes = OperatingSystem.IsMacOS() ? [12, 23, 24, 28, 69] : [12, 23, 24, 28, 122];

    /// <returns>Whether this server caused the exception, or one inside it.</returns>
    public static bool IsHostFailure(this Exception error) => error switch
    {
        OutOfMemoryException => true,
        IOException io when Codes.Contains(io.HResult) => true,
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable } => true,
        AggregateException several => several.InnerExceptions.Any(IsHostFailure),
        _ => error.InnerException is { } inner && inner.IsHostFailure(),
    };

    /// <returns>Whether the process had no memory left for the exception's work.</returns>
    public static bool IsOutOfMemory(this Exception error) => error switch
    {
        OutOfMemoryException => true,
        AggregateException several => several.InnerExceptions.Any(IsOutOfMemory),
        _ => error.InnerException is { } inner && inner.IsOutOfMemory(),
    };

    private static int[] Codes => OperatingSystem.IsWindows() ? WindowsCodes : UnixCodes;
}
