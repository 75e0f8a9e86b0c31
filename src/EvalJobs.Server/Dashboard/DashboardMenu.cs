using EvalJobs.Server.Access;
using Hangfire;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>The menu: our entries in Hangfire's with their badges, Hangfire's in ours, and the tabs within our pages.</summary>
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
        new("Server jobs", Pages.JobsPage.Path, IsOfServer: true),
    ];

    /// <returns>The tabs whose pages this person may open.</returns>
    public static IEnumerable<MenuTab> TabsOf(Viewer viewer) => Tabs.Where(tab => viewer.SeesEverything || !tab.IsOfServer);

    private static readonly BadgeMetric Pending = new("pending", "Pending runs", MetricStyle.Info, counts => counts.PendingCount);
    private static readonly BadgeMetric Running = new("running", "Running runs", MetricStyle.Info, counts => counts.RunningCount);
    private static readonly BadgeMetric Warnings = new("warnings", "Tenants in warning", MetricStyle.Warning, counts => counts.WarningCount);
    private static readonly BadgeMetric ActionRuns = new("action", "Runs that need action", MetricStyle.Danger, counts => counts.ActionCount);
    private static readonly BadgeMetric FailedRuns = new("failed", "Failed runs in 24 h", MetricStyle.Danger, counts => counts.FailedCount);

    /// <summary>Our entries, which lead Hangfire's.</summary>
    private static readonly IReadOnlyList<OwnEntry> OwnEntries =
    [
        new("Evaluations", "/evaluations", [Pending, Warnings]),
        new("Runs", "/evaluations/runs", [ActionRuns]),
    ];

    private static readonly Lazy<bool> Registered = new(Register);

    /// <summary>Adds our entries and figures to Hangfire's own pages. Once per process: its menu and metrics are static.</summary>
    public static void RegisterOnce() => _ = Registered.Value;

    /// <returns>The entries for our own pages: ours, and Hangfire's for users who see every tenant.</returns>
    public static IReadOnlyList<MenuEntry> Entries(PageRequest request, BadgeCounts counts, Hangfire.Storage.Monitoring.StatisticsDto? hangfire)
    {
        var own = OwnEntries.Select(entry => new MenuEntry(
            entry.Text, request.Url(entry.Path), entry.IsActive(request.Path), [.. entry.Metrics.Select(metric => new MenuBadge(metric.Name, metric.Read(counts)))]));
        return [.. own, .. request.Viewer.SeesEverything ? HangfireEntries(request, hangfire) : [], .. AccountEntry(request)];
    }

    private static IEnumerable<MenuEntry> AccountEntry(PageRequest request) =>
        request.Viewer == Viewer.Local ? [] : [new MenuEntry(request.Viewer.Name, SitePath.Of(request.Http) + SignInEndpoints.AccountPath, false, [])];

    // Hangfire's script keeps the badges up to date by their names.
    private static IEnumerable<MenuEntry> HangfireEntries(PageRequest request, Hangfire.Storage.Monitoring.StatisticsDto? counts) =>
    [
        new("Jobs", request.Url("/jobs/enqueued"), false,
        [
            new("enqueued:count-or-null", counts is { Failed: 0 } or { Enqueued: > 0 } ? Count(counts.Enqueued > 0 ? counts.Enqueued : counts.Scheduled, MetricStyle.Info, counts is { Enqueued: > 0, Failed: 0 }) : null),
            new("failed:count-or-null", counts is { Failed: > 0 } ? Count(counts.Failed, MetricStyle.Danger, true) : null),
        ]),
        new("Retries", request.Url("/retries"), false, [new("retries:count", counts?.Retries is { } retries ? Count(retries, MetricStyle.Warning, false) : null)]),
        new("Recurring Jobs", request.Url("/recurring"), false, [new("recurring:count", counts is null ? null : Count(counts.Recurring, MetricStyle.Default, false))]),
        new("Servers", request.Url("/servers"), false, [new("servers:count", counts is null ? null : Count(counts.Servers, counts.Servers == 0 ? MetricStyle.Warning : MetricStyle.Default, counts.Servers == 0))]),
    ];

    private static Metric Count(long count, MetricStyle style, bool isHighlighted) =>
        new(count) { Style = count > 0 || isHighlighted ? style : MetricStyle.Default, Highlighted = isHighlighted };

    private static bool Register()
    {
        // Hangfire's browser script polls only registered metrics.
        BadgeMetric[] figures = [Pending, Running, Warnings, ActionRuns];
        var metrics = figures.ToDictionary(figure => figure, figure => new DashboardMetric(figure.Name, figure.Title, page => figure.Read(Counts(page))));
        foreach (var metric in metrics.Values)
            DashboardMetrics.AddMetric(metric);

        // Hangfire's home page keeps the place of a figure that has no value, so there a 0 is shown, too.
        var home = figures.Append(FailedRuns).Select(figure => new DashboardMetric($"{figure.Name}:count", figure.Title, page => figure.Read(Counts(page)) ?? new Metric(0)))
            .Append(new DashboardMetric("evaljobs:oldest", "Oldest due run", page => new Metric(DisplayText.Duration(Counts(page).OldestDueMs))));
        foreach (var metric in home)
        {
            DashboardMetrics.AddMetric(metric);
            GlobalConfiguration.Configuration.UseDashboardMetric(metric);
        }

        foreach (var (index, entry) in OwnEntries.Index())
        {
            NavigationMenu.Items.Insert(index, page => new MenuItem(entry.Text, page.Url.To(entry.Path))
            {
                Metrics = [.. entry.Metrics.Select(metric => metrics[metric])],
            });
        }

        GlobalConfiguration.Configuration.UseJobDetailsRenderer(0, JobDetails.Render);
        return true;
    }

    private static BadgeCounts Counts(RazorPage page)
    {
        var http = page.Context.GetHttpContext();
        return http.RequestServices.GetService<OverviewCache>()?.Badges(Viewer.Of(http)) ?? default;
    }

    /// <summary>One of our entries in the menu.</summary>
    private sealed record OwnEntry(string Text, string Path, IReadOnlyList<BadgeMetric> Metrics)
    {
        /// <returns>Whether a page at this path belongs to the entry, and not to a more specific one.</returns>
        public bool IsActive(string path)
        {
            var home = MenuTab.HomeOf(path);
            return MenuTab.IsBelow(home, Path) && !OwnEntries.Any(other => other.Path.Length > Path.Length && MenuTab.IsBelow(home, other.Path));
        }
    }
}

/// <summary>One of our figures.</summary>
/// <param name="Key">Its name among ours.</param>
/// <param name="Title">What is counted.</param>
/// <param name="Style">Its colour when it is above 0.</param>
/// <param name="CountOf">Reads it.</param>
internal sealed record BadgeMetric(string Key, string Title, MetricStyle Style, Func<BadgeCounts, int> CountOf)
{
    /// <summary>Its name for Hangfire's script.</summary>
    public string Name => $"evaljobs:{Key}";

    /// <returns>The badge; null when the count is 0.</returns>
    public Metric? Read(BadgeCounts counts) => CountOf(counts) is var count and > 0
        ? new Metric(count) { Style = Style, Highlighted = true, Title = $"{Title}: {count}" }
        : null;
}

/// <summary>One entry of the menu on our own pages.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Url">Its address.</param>
/// <param name="IsActive">Whether the page shown belongs to it.</param>
/// <param name="Badges">The badges next to it.</param>
internal sealed record MenuEntry(string Text, string Url, bool IsActive, IReadOnlyList<MenuBadge> Badges);

/// <summary>One badge.</summary>
/// <param name="Name">Its name for Hangfire's script, which keeps it up to date.</param>
/// <param name="Metric">Its value; null shows nothing until the script loads one.</param>
internal sealed record MenuBadge(string Name, Metric? Metric)
{
    /// <summary>The classes of Hangfire's style sheet.</summary>
    public string Class => Metric is null ? "metric metric-null" : $"metric metric-{Metric.Style.ToString().ToLowerInvariant()} {(Metric.Highlighted ? "highlighted" : "")}";
}

/// <summary>One tab.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Path">Its dashboard path.</param>
/// <param name="IsOfServer">Whether it is for the whole server: not allowed for users who may see only some tenants.</param>
internal sealed record MenuTab(string Text, string Path, bool IsOfServer = false)
{
    /// <returns>Whether a page at this path is the tab's or below it.</returns>
    public bool IsActive(string path)
    {
        var home = HomeOf(path);
        return IsBelow(home, Path) && !IsOfNone(path) && !DashboardMenu.Tabs.Any(other => other.Path.Length > Path.Length && IsBelow(home, other.Path));
    }

    /// <returns>The path by which entries are chosen: comparisons and trends are of runs, schedules of suites.</returns>
    internal static string HomeOf(string path) =>
        IsBelow(path, "/evaluations/compare") || IsBelow(path, "/evaluations/trend") ? "/evaluations/runs"
        : IsBelow(path, "/evaluations/schedules") ? "/evaluations/suites"
        : path;

    // Pages that belong to no tab.
    private static bool IsOfNone(string path) => IsBelow(path, "/evaluations/search") || IsBelow(path, "/evaluations/times");

    /// <returns>Whether a path is another one or below it.</returns>
    internal static bool IsBelow(string path, string parent) => new PathString(path).StartsWithSegments(parent, StringComparison.OrdinalIgnoreCase);
}
