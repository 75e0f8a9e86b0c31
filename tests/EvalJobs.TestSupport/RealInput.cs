namespace EvalJobs.Tests.Support;

/// <summary>
/// Finds data that tests read but the repository does not hold: the folder <c>shared/data</c> beside the checkout. A test that
/// asks for data which is not there is reported as ignored, with the path that was looked for.
/// </summary>
public static class RealInput
{
    /// <summary>Category of the tests that need such data.</summary>
    public const string Category = "RealInput";

    /// <summary>GSM8K: four models' answers to 400 problems, one JSON object a line; its README.md lies beside it.</summary>
    public static string GsmPath => Find("gsm8k", "model-solutions-400.jsonl");

    private static string Find(params string[] parts)
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EvalJobs.sln")))
            folder = folder.Parent;

        if (folder?.Parent is not { } beside)
        {
            Assert.Ignore($"No EvalJobs.sln above {TestContext.CurrentContext.TestDirectory}, so its neighbour shared/data cannot be found.");
            throw new InvalidOperationException("Assert.Ignore returned.");
        }

        var path = Path.Combine([beside.FullName, "shared", "data", .. parts]);
        if (!File.Exists(path))
            Assert.Ignore($"{path} is not there.");
        return path;
    }
}
