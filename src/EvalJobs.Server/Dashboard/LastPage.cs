namespace EvalJobs.Server.Dashboard;

/// <summary>How many pages a list has that knows its length.</summary>
internal static class LastPage
{
    /// <returns>The number of the last page of so many rows, which is how many pages there are: 1 at least, as an empty list has its page, too.</returns>
    public static int Of(int rows, int pageSize) => Math.Max(1, (rows + pageSize - 1) / pageSize);
}
