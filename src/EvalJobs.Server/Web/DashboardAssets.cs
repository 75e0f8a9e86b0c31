using System.Globalization;
using Hangfire;

namespace EvalJobs.Server.Web;

/// <summary>The style sheets, scripts and the icon of the EvalJobs pages, and the addresses of those of Hangfire.</summary>
internal static class DashboardAssets
{
    public static readonly Asset Style = new("/evaluations/evaljobs.css", "text/css", "Dashboard/evaljobs.css");
    public static readonly Asset DarkStyle = new("/evaluations/evaljobs-dark.css", "text/css", "Dashboard/evaljobs-dark.css");
    public static readonly Asset Script = new("/evaluations/evaljobs.js", "text/javascript", "Dashboard/evaljobs.js");
    public static readonly Asset Icon = new("/evaluations/icon", "image/svg+xml", "Dashboard/icon.svg");

    private static readonly Version Hangfire = typeof(JobStorage).Assembly.GetName().Version!;

    // Browsers cache these for a long time, so each version of EvalJobs or Hangfire has another address.
    private static readonly string Key = string.Create(
        CultureInfo.InvariantCulture, $"{Hangfire.Major}{Hangfire.Minor}{Hangfire.Build}0{(uint)typeof(DashboardAssets).Module.ModuleVersionId.GetHashCode()}");

    public static string HangfireVersion => Hangfire.ToString(3);

    public static string HangfireStyle => $"/css{Key}";

    public static string HangfireDarkStyle => $"/css-dark{Key}";

    public static string HangfireScript => $"/js{Key}";

    public static void MapAssets(this IEndpointRouteBuilder dashboard)
    {
        foreach (var asset in new[] { Style, DarkStyle, Script, Icon })
            dashboard.MapGet(asset.Route, asset.Send).WithMetadata(SignInEndpoint.Instance);
    }

    /// <summary>A file built into this assembly.</summary>
    /// <param name="Route">Its path below the dashboard.</param>
    /// <param name="ContentType">Its content type.</param>
    /// <param name="Resource">Its name in the assembly.</param>
    internal sealed record Asset(string Route, string ContentType, string Resource)
    {
        /// <summary>Its address, which changes with its content.</summary>
        public string Path => $"{Route}?v={Key}";

        public IResult Send(HttpContext http)
        {
            http.Response.Headers.CacheControl = "public, max-age=86400";
            return Results.Stream(typeof(DashboardAssets).Assembly.GetManifestResourceStream(Resource)!, ContentType);
        }
    }
}
