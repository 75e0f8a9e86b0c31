namespace EvalJobs.Tests.Support;

/// <summary>The checkout these tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds EvalJobs.sln.</summary>
    public static string Root { get; } = Find();

    /// <returns>The text of a file, given by its path below the root.</returns>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EvalJobs.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No EvalJobs.sln above {AppContext.BaseDirectory}.");
    }
}
