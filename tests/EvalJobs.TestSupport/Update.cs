namespace EvalJobs.Tests.Support;

/// <summary>Some tests compare a file of the repository with the program's output. On request they write the file instead.</summary>
public static class Update
{
    /// <param name="what">A name that the environment variable EVALJOBS_UPDATE lists, such as "notices" or "screenshots".</param>
    public static bool IsWanted(string what) =>
        Environment.GetEnvironmentVariable("EVALJOBS_UPDATE")?.Split(',', StringSplitOptions.TrimEntries).Contains(what, StringComparer.Ordinal) == true;
}
