using System.Text.RegularExpressions;
using EvalJobs.Server.Web;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Access;

/// <summary>Which paths below the dashboard are for whom, and what Hangfire's own pages need to keep our rules.</summary>
internal static partial class HangfirePages
{
    private static readonly Lazy<bool> Adapted = new(Adapt);

    private const string OurMetrics = "evaljobs:";

    /// <returns>Whether the path is a style sheet, script, font or icon, which say nothing about anyone.</returns>
    public static bool IsAsset(PathString path) => Asset().IsMatch(path.Value ?? "");

    /// <returns>Whether the path is one of our pages. Everything else shows and changes every tenant's jobs.</returns>
    public static bool IsOurs(PathString path) => path.StartsWithSegments(DashboardPaths.OwnPages, StringComparison.OrdinalIgnoreCase);

    /// <returns>Whether the path is where the badges in the menu are polled from: a POST that changes nothing.</returns>
    public static bool IsStats(PathString path) => path.Equals("/stats", StringComparison.OrdinalIgnoreCase);

    /// <returns>Whether a poll asks for our badges alone; Hangfire's own count every tenant's jobs.</returns>
    public static bool RequestsOurMetrics(IFormCollection poll) =>
        poll["metrics[]"].All(metric => metric?.StartsWith(OurMetrics, StringComparison.Ordinal) == true);

    /// <summary>
    /// Shows Hangfire's menu only to those who see everything, and everyone signed in the way to their account; lets its charts do without
    /// the inline style they would add. Menu and scripts belong to the process: done once.
    /// </summary>
    public static void AdaptOnce() => _ = Adapted.Value;

    private static bool Adapt()
    {
        var items = NavigationMenu.Items;
        for (var at = 0; at < items.Count; at++)
        {
            if (items[at] is var item && item.Method.Module.Assembly == typeof(NavigationMenu).Assembly)
                items[at] = page => Viewer.Find(page.Context.GetHttpContext()) is { SeesEverything: true } ? item(page) : null;
        }

        items.Add(page => Viewer.Find(page.Context.GetHttpContext()) is { } viewer && viewer != Viewer.Local
            ? new MenuItem(viewer.Name, SitePath.Of(page.Context.GetHttpContext()) + SignInEndpoints.AccountPath)
            : null);
        DashboardRoutes.AddJavaScript(typeof(HangfirePages).Assembly, "EvalJobs.Server.Access.hangfire-pages.js");
        return true;
    }

    [GeneratedRegex(
        "^/(js|css|css-dark)[0-9]+/*$|^/fonts/[a-z0-9/-]+$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asset();
}
