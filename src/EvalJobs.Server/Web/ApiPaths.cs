namespace EvalJobs.Server.Web;

/// <summary>Where the HTTP API is.</summary>
internal static class ApiPaths
{
    /// <summary>All of it is below this path; its documentation is at the path itself.</summary>
    public const string Root = "/api";

    /// <summary>The first version. A change that breaks programs becomes another one.</summary>
    public const string V1 = Root + "/v1";

    /// <returns>Whether the path is one of the API's, mapped or not.</returns>
    public static bool Covers(PathString path) => path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
}
