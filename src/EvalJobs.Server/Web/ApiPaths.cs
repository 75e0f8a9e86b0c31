namespace EvalJobs.Server.Web;

/// <summary>The paths of the HTTP API.</summary>
internal static class ApiPaths
{
    /// <summary>The path below which every endpoint is; the documentation is at the path itself.</summary>
    public const string Root = "/api";

    /// <summary>The first version. A change that breaks clients gets another version.</summary>
    public const string V1 = Root + "/v1";

    /// <returns>Whether the path belongs to the API, even if no endpoint has it.</returns>
    public static bool Covers(PathString path) => path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);
}
