using System.Text.RegularExpressions;
using EvalJobs.Server.Web;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Access;

/// <summary>The kinds of paths below the dashboard, and changes to Hangfire's own pages for the rules of this server.</summary>
internal static partial class HangfirePages
{
    private static readonly Lazy<bool> Adapted = new(Adapt);

    private const string OurMetrics = "evaljobs:";

    /// <returns>Whether the path is a style sheet, script, font or icon, which contain no data.</returns>
    public static bool IsAsset(PathString path) => Asset().IsMatch(path.Value ?? "");

    /// <returns>Whether the path is one of the EvalJobs pages. All other pages show and change the jobs of every tenant.</returns>
    public static bool IsOurs(PathString path) => path.StartsWithSegments(DashboardPaths.OwnPages, StringComparison.OrdinalIgnoreCase);

    /// <returns>Whether the path is the one that the badges in the menu poll: a POST that changes nothing.</returns>
    public static bool IsStats(PathString path) => path.Equals("/stats", StringComparison.OrdinalIgnoreCase);

    /// <returns>Whether a poll requests only EvalJobs badges. Hangfire's own badges count the jobs of every tenant.</returns>
    public static bool RequestsOurMetrics(IFormCollection poll) =>
        poll["metrics[]"].All(metric => metric?.StartsWith(OurMetrics, StringComparison.Ordinal) == true);

    /// <summary>
    /// Shows Hangfire's menu only to users who may see every tenant, and a link to the account to every signed-in user. Prevents the inline style
    /// that Hangfire's charts would add. Menu and scripts belong to the whole process, so this is done once.
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
