namespace EvalJobs.Server.Web;

/// <summary>The paths of the dashboard.</summary>
internal static class DashboardPaths
{
    /// <summary>Hangfire's dashboard.</summary>
    public const string Root = "/hangfire";

    /// <summary>The EvalJobs pages, below <see cref="Root"/>.</summary>
    public const string OwnPages = "/evaluations";
}
