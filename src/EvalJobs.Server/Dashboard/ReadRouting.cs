using EvalJobs.Data;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>
/// With <see cref="StorageOptions.ReadOnlyIntent"/>, reads lists, charts and searches from a readable secondary of the database, which may be some seconds behind. Those pages say so;
/// a browser that has just posted something reads the primary until the secondary should have it.
/// </summary>
internal static class ReadRouting
{
    /// <summary>The cookie of a browser that has just posted something.</summary>
    public const string WroteCookie = "evaljobs-wrote";

    /// <summary>A copy that is further behind than this has a failure, which the availability group's state shows.</summary>
    private static readonly TimeSpan ReadsPrimaryFor = TimeSpan.FromSeconds(30);

    /// <summary>Marks pages and files for information only: no decision and no form depends on what they read.</summary>
    public static TBuilder ReadsCopy<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Metadata());

    /// <summary>Whether this request reads the copy.</summary>
    public static bool ReadsCopy(HttpContext http) =>
        http.RequestServices.GetRequiredService<StorageOptions>().ReadOnlyIntent
        && http.GetEndpoint()?.Metadata.GetMetadata<Metadata>() is not null
        && !http.Request.Cookies.ContainsKey(WroteCookie);

    /// <summary>Chooses for a whole request, including the writing of a file; call it after authorization, which reads the primary.</summary>
    public static void UseReadRouting(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<StorageOptions>().ReadOnlyIntent)
            return;
        var database = app.Services.GetRequiredService<EvaluationDatabase>();
        app.Use(async (http, next) =>
        {
            if (HttpMethods.IsPost(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<PostedForms.Metadata>() is not null)
                RememberWrite(http);
            using (ReadsCopy(http) ? database.ReadFromCopy() : null)
                await next(http);
        });
    }

    private static void RememberWrite(HttpContext http) => http.Response.Cookies.Append(WroteCookie, "1", new CookieOptions
    {
        MaxAge = ReadsPrimaryFor,
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps,
        Path = $"{http.Request.PathBase}{DashboardPaths.Root}",
    });

    internal sealed class Metadata;
}
