namespace EvalJobs.Server.Dashboard;

/// <summary>Links to a case on a page of many: the address names the case, the page opens it, and the browser scrolls to it.</summary>
internal static class CaseAnchor
{
    /// <summary>The query value with the case's ordinal.</summary>
    public const string Field = "case";

    /// <returns>The id of the case on the page.</returns>
    public static string Of(int ordinal) => FormattableString.Invariant($"ej-case-{ordinal}");

    /// <returns>The link from a page's dashboard path.</returns>
    public static string Link(string path, int ordinal) => FormattableString.Invariant($"{path}?{Field}={ordinal}#{Of(ordinal)}");

    /// <returns>The ordinal in the query; null when there is none.</returns>
    public static int? FromQuery(PageRequest request) => request.QueryNumber(Field) is > 0 and <= int.MaxValue and var ordinal ? (int)ordinal : null;

    /// <returns>The ordinal before the page's first case: that of the page with the requested case, or else the query value.</returns>
    public static int After(PageRequest request, int pageSize) => FromQuery(request) is { } ordinal
        ? (ordinal - 1) / pageSize * pageSize
        : (int)Math.Min(request.QueryNumber("after") ?? 0, int.MaxValue);
}
