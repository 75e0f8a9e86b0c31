using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>Our entries in Hangfire's menu with their live badges, and the tabs within our pages.</summary>
internal static class DashboardMenu
{
    /// <summary>The pages within <c>/evaluations</c>, in reading order.</summary>
    public static readonly IReadOnlyList<MenuTab> Tabs =
    [
        new("Overview", "/evaluations"),
        new("Runs", "/evaluations/runs"),
        new("Suites", "/evaluations/suites"),
        new("Versions", "/evaluations/versions"),
        new("Audit", "/evaluations/audit"),
    ];

    private const string Actions = "/evaluations/actions/";

    private static readonly DashboardMetric Pending = new("evaljobs:pending", "Pending runs", page => Show(
        Snapshot(page).PendingCount, MetricStyle.Info, "runs pending"));

    private static readonly DashboardMetric Warnings = new("evaljobs:warnings", "Tenants in warning", page => Show(
        Snapshot(page).WarningCount, MetricStyle.Warning, "tenants in WARNING"));

    private static readonly DashboardMetric FailedRuns = new("evaljobs:failed", "Failed runs in 24 h", page => Show(
        Snapshot(page).FailedCount, MetricStyle.Danger, "runs failed in the last 24 hours"));

    /// <summary>Adds the entries. Once per process: Hangfire's menu is static.</summary>
    public static void Register()
    {
        // Hangfire's browser script polls only the metrics it knows.
        DashboardMetrics.AddMetric(Pending);
        DashboardMetrics.AddMetric(Warnings);
        DashboardMetrics.AddMetric(FailedRuns);
        NavigationMenu.Items.Insert(0, page => new MenuItem("Evaluations", page.Url.To("/evaluations"))
        {
            Active = page.RequestPath.StartsWith("/evaluations", StringComparison.Ordinal) && !IsRuns(page),
            Metrics = [Pending, Warnings],
        });
        NavigationMenu.Items.Insert(1, page => new MenuItem("Runs", page.Url.To("/evaluations/runs"))
        {
            Active = IsRuns(page),
            Metrics = [FailedRuns],
        });
    }

    /// <returns>The path a page lies under; one that an action shows, such as a form again, lies where the action's thing does.</returns>
    internal static string PlaceOf(string path) =>
        !path.StartsWith(Actions, StringComparison.Ordinal) ? path
        : path.Contains("/suites/", StringComparison.Ordinal) ? "/evaluations/suites"
        : $"/evaluations/{path[Actions.Length..]}";

    private static bool IsRuns(RazorPage page) => PlaceOf(page.RequestPath).StartsWith("/evaluations/runs", StringComparison.Ordinal);

    private static BadgeCounts Snapshot(RazorPage page)
    {
        var http = page.Context.GetHttpContext();
        return http.RequestServices.GetRequiredService<OverviewCache>().Badges(Access.Viewer.Of(http));
    }

    private static Metric? Show(int count, MetricStyle style, string meaning) => count == 0 ? null : new Metric(count)
    {
        Style = style,
        Highlighted = true,
        Title = $"{count} {meaning}",
    };
}

/// <summary>One tab.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Path">Its dashboard path.</param>
internal sealed record MenuTab(string Text, string Path)
{
    /// <returns>Whether the request is for this page or one below it.</returns>
    public bool IsActive(PageRequest request)
    {
        var path = DashboardMenu.PlaceOf(request.Http.Request.Path.Value ?? "");
        return path.StartsWith(Path, StringComparison.Ordinal)
            && !DashboardMenu.Tabs.Any(other => other.Path.Length > Path.Length && path.StartsWith(other.Path, StringComparison.Ordinal));
    }
}
