namespace EvalJobs.Server.Web;

/// <summary>Where the dashboard is.</summary>
internal static class DashboardPaths
{
    /// <summary>Hangfire's dashboard.</summary>
    public const string Root = "/hangfire";

    /// <summary>Our pages, below <see cref="Root"/>.</summary>
    public const string OwnPages = "/evaluations";
}
