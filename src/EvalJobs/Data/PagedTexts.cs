namespace EvalJobs.Data;

/// <summary>Reads rows of any size a page at a time. Pages shrink where texts are long, so that one page stays within a few megabytes.</summary>
internal static class PagedTexts
{
    private const int FirstPage = 20;
    private const int LargestPage = 500;
    private const int TargetLength = 2 * 1024 * 1024;

    /// <param name="list">Reads the rows after an ordinal, at most so many; fewer only when there are no more.</param>
    /// <param name="ordinal">A row's ordinal.</param>
    /// <param name="length">Characters a row holds.</param>
    /// <param name="afterOrdinal">Where to begin.</param>
    public static async IAsyncEnumerable<T> ReadAsync<T>(
        Func<int, int, Task<IReadOnlyList<T>>> list, Func<T, int> ordinal, Func<T, int> length, int afterOrdinal = 0)
    {
        var limit = FirstPage;
        for (var page = await list(afterOrdinal, limit); page.Count > 0; page = await list(ordinal(page[^1]), limit))
        {
            foreach (var row in page)
                yield return row;
            if (page.Count < limit)
                yield break;
            limit = NextLimit(page.Count, page.Sum(row => (long)length(row)));
        }
    }

    private static int NextLimit(int count, long length) => (int)Math.Clamp(count * TargetLength / Math.Max(1, length), 1, LargestPage);
}
