using System.Text;

namespace EvalJobs.Tests.Support;

/// <summary>The fence of every write to a claimed run. Builds copies of the product without it, to show what it prevents.</summary>
public static class Fence
{
    /// <summary>The text of the fence in every fenced statement of both dialects.</summary>
    public const string Text = " AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner";

    /// <summary>A statement without the fence.</summary>
    public static string CutOut(string sql) => sql.Replace(Text, "", StringComparison.Ordinal);

    /// <summary>Puts the whole server in a folder, with the fence removed from its statements.</summary>
    /// <param name="folder">An empty folder.</param>
    public static void BuildUnfencedServer(DirectoryInfo folder) => BuildServerWithout(Text, folder);

    /// <summary>
    /// Puts the whole server in a folder, with a text removed from the statements in <c>EvalJobs.dll</c>: its bytes become an SQL comment
    /// of the same length. Nothing else differs, and the product needs no code for it.
    /// </summary>
    /// <param name="text">The text as it is in the SQL files.</param>
    /// <param name="folder">An empty folder. Files that are changed, or that contain their own path, are copied; all others are linked.</param>
    public static void BuildServerWithout(string text, DirectoryInfo folder)
    {
        foreach (var entry in new DirectoryInfo(AppContext.BaseDirectory).EnumerateFileSystemInfos())
        {
            var target = Path.Combine(folder.FullName, entry.Name);
            if (entry.Name == "EvalJobs.dll")
                File.WriteAllBytes(target, Without(text, File.ReadAllBytes(entry.FullName)));
            else if (entry.Name.StartsWith("EvalJobs.Server.", StringComparison.Ordinal))
                File.Copy(entry.FullName, target);
            else
                Link(entry, target);
        }
    }

    private static void Link(FileSystemInfo entry, string target)
    {
        if (entry is DirectoryInfo)
            Directory.CreateSymbolicLink(target, entry.FullName);
        else
            File.CreateSymbolicLink(target, entry.FullName);
    }

    private static byte[] Without(string text, byte[] assembly)
    {
        var sought = Encoding.UTF8.GetBytes(text);
        var nothing = Encoding.UTF8.GetBytes($"/*{new string(' ', text.Length - 4)}*/");
        var cuts = 0;
        for (var at = Next(0); at >= 0; at = Next(at + sought.Length))
        {
            nothing.CopyTo(assembly, at);
            cuts++;
        }

        cuts.Should().Be(
            ProductSql.Files.Sum(file => file.Text.Split(text).Length - 1),
            "the text must be removed from each statement that has it");
        cuts.Should().BePositive();
        return assembly;

        int Next(int from)
        {
            var found = assembly.AsSpan(from).IndexOf(sought);
            return found < 0 ? -1 : from + found;
        }
    }
}
