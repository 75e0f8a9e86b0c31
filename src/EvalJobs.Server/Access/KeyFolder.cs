using EvalJobs.Domain;

namespace EvalJobs.Server.Access;

/// <summary>The folder of the keys that protect cookies. A user who can read the keys can sign in as any other user.</summary>
internal static class KeyFolder
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Creates the folder for its owner only, or checks that other users cannot enter an existing one.</summary>
    /// <exception cref="InvalidInputException">Every user of the machine can enter it.</exception>
    public static DirectoryInfo Prepare(string path)
    {
        if (OperatingSystem.IsWindows())
            return Directory.CreateDirectory(path);
        if (!Directory.Exists(path))
            return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return (File.GetUnixFileMode(path) & Others) == UnixFileMode.None
            ? new DirectoryInfo(path)
            : throw new InvalidInputException(
                $"{AccessOptions.Section}:KeyFolder: every user of this machine can open {path}, and anyone who reads its keys "
                + $"can forge a sign-in. Restrict it first: chmod 700 '{path}'.");
    }
}
