using System.Runtime.InteropServices;
using System.Text;

namespace EvalJobs.Data;

/// <summary>Which file a path leads to: its device and inode. A copy under the same name is another file.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file in it.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int CurrentFolder = -100;
    private const uint WithInode = 0x100;
    private const int StatxSize = 256;

    /// <returns>
    /// The file's identity; null when there is no file. If the system has no inodes, or this program cannot read them (systems other than
    /// Linux), all files count as the same. On Windows a file that SQLite has open cannot be moved, deleted or replaced.
    /// </returns>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.Exists(path) ? default(FileIdentity) : null;

        var stat = new byte[StatxSize];
        try
        {
            return Statx(CurrentFolder, Encoding.UTF8.GetBytes(path + "\0"), 0, WithInode, stat) == 0 ? Read(stat) : File.Exists(path) ? default(FileIdentity) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return File.Exists(path) ? default(FileIdentity) : null;
        }
    }

    /// <summary>struct statx is the same on every processor: stx_ino at 32, stx_dev_major and stx_dev_minor at 136.</summary>
    private static FileIdentity Read(ReadOnlySpan<byte> stat) => new(
        ((ulong)MemoryMarshal.Read<uint>(stat[136..]) << 32) | MemoryMarshal.Read<uint>(stat[140..]), MemoryMarshal.Read<ulong>(stat[32..]));

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] stat);
}
