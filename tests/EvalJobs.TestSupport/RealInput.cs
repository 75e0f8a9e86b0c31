namespace EvalJobs.Tests.Support;

/// <summary>
/// Finds data that tests read but that is not in the repository: the folder <c>shared/data</c> next to the checkout. A test whose
/// data is missing is reported as ignored, with the expected path.
/// </summary>
public static class RealInput
{
    /// <summary>Category of the tests that need such data.</summary>
    public const string Category = "RealInput";

    /// <summary>GSM8K: four models' answers to 400 problems, one JSON object per line. Its README.md is in the same folder.</summary>
    public static string GsmPath => Find("gsm8k", "model-solutions-400.jsonl");

    private static string Find(params string[] parts)
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EvalJobs.sln")))
            folder = folder.Parent;

        if (folder?.Parent is not { } parent)
        {
            Assert.Ignore($"No EvalJobs.sln above {TestContext.CurrentContext.TestDirectory}, so the folder shared/data next to it cannot be found.");
            throw new InvalidOperationException("Assert.Ignore returned.");
        }

        var path = Path.Combine([parent.FullName, "shared", "data", .. parts]);
        if (!File.Exists(path))
            Assert.Ignore($"{path} does not exist.");
        return path;
    }
}
