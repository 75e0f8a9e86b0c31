namespace EvalJobs.Server.Dashboard;

/// <summary>How many pages a list has whose length is known.</summary>
internal static class LastPage
{
    /// <returns>The number of the last page, which is the number of pages. At least 1: an empty list has one page.</returns>
    public static int Of(int rows, int pageSize) => Math.Max(1, (rows + pageSize - 1) / pageSize);
}
