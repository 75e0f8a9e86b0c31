namespace EvalJobs.Server.Hosting;

/// <summary>Where Hangfire's dashboard is.</summary>
internal static class HangfireSetup
{
    /// <summary>The dashboard's path.</summary>
    public const string DashboardPath = "/hangfire";
}
