namespace EvalJobs.Tests.Support;

/// <summary>Some tests compare a file of the repository with what the program makes; on demand they write it instead.</summary>
public static class Update
{
    /// <param name="what">A name that the environment variable EVALJOBS_UPDATE lists, such as "notices" or "screenshots".</param>
    public static bool IsWanted(string what) =>
        Environment.GetEnvironmentVariable("EVALJOBS_UPDATE")?.Split(',', StringSplitOptions.TrimEntries).Contains(what, StringComparer.Ordinal) == true;
}
