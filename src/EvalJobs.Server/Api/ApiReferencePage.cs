using System.Net;
using System.Security.Cryptography;
using EvalJobs.Server.Access;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Api;

/// <summary>The API's document for people, at <c>/api</c>: Scalar, served by this server. The page requests nothing from another host.</summary>
/// <remarks>Scalar inserts its style sheet into the page. A nonce for each answer allows this style sheet, and no other.</remarks>
internal static class ApiReferencePage
{
    private const string ScalarScript = "ScalarStaticAssets.scalar.js";

    /// <summary>The style attributes in the markup of Scalar 2.19. A newer version has others; the errors of the browser, and the test, show them.</summary>
    private const string StyleAttributes =
        "'sha256-LGszelMz0+v6/EfEtNYVFCYH7w05IKqvd9gau6UXRbE=' 'sha256-T13Uev3xCax2N28XaoAE8DOzQZKvPp7ZQVAi1iRREjo=' "
        + "'sha256-im4bR8m0i9OTwS6FwAG4MKlk4URQdZkDu1Tx9kDpKNw=' 'sha256-v6FGbsebOHJ39qjwyswuNyhVylA7DHti/pqoiIvwbXQ='";

    public static void MapApiReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi(ApiPaths.V1 + "/openapi.json").WithMetadata(new ApiDocument());
        app.MapGet(ApiPaths.Root, Page).ExcludeFromDescription().WithMetadata(new ApiDocument());
        app.MapGet(ApiPaths.Root + "/assets/scalar.js", (HttpContext http) =>
        {
            // The package contains it compressed with gzip.
            http.Response.Headers.ContentEncoding = "gzip";
            return TypedResults.Stream(typeof(Scalar.AspNetCore.ScalarOptions).Assembly.GetManifestResourceStream(ScalarScript)!, "text/javascript");
        }).ExcludeFromDescription().WithMetadata(new ApiDocument());
        app.MapGet(ApiPaths.Root + "/assets/styles.js", () => TypedResults.Text(Styles, "text/javascript")).ExcludeFromDescription().WithMetadata(new ApiDocument());
        app.MapGet(ApiPaths.Root + "/assets/start.js", () => TypedResults.Text(Start, "text/javascript")).ExcludeFromDescription().WithMetadata(new ApiDocument());
    }

    private static IResult Page(HttpContext http)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        SecurityHeaders.AllowStyle(http, $"'nonce-{nonce}' {StyleAttributes}");
        var root = WebUtility.HtmlEncode(http.Request.PathBase + ApiPaths.Root);
        var icon = WebUtility.HtmlEncode(http.Request.PathBase + DashboardPaths.Root + DashboardAssets.Icon.Path);
        return TypedResults.Text(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>EvalJobs API</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta property="csp-nonce" content="{nonce}">
            <link rel="icon" href="{icon}">
            </head>
            <body>
            <div id="app" data-document="{root}/v1/openapi.json"></div>
            <script src="{root}/assets/styles.js"></script>
            <script src="{root}/assets/scalar.js"></script>
            <script src="{root}/assets/start.js"></script>
            </body>
            </html>
            """,
            "text/html; charset=utf-8");
    }

    /// <summary>
    /// Adds the nonce to the style sheets that Scalar inserts without one. The page's own script may do this; the policy blocks what others insert.
    /// </summary>
    private const string Styles = """
        const nonce = document.querySelector("meta[property=csp-nonce]").content;
        const createElement = Document.prototype.createElement;
        Document.prototype.createElement = function (name, ...rest) {
          const element = createElement.call(this, name, ...rest);
          if (String(name).toLowerCase() === "style") element.setAttribute("nonce", nonce);
          return element;
        };
        """;

    /// <summary>Everything that would send a request to another server is switched off.</summary>
    private const string Start = """
        const app = document.getElementById("app");
        Scalar.createApiReference("#app", {
          url: app.dataset.document,
          withDefaultFonts: false,
          telemetry: false,
          hideClientButton: true,
          showDeveloperTools: "never",
          agent: { disabled: true },
          mcp: { disabled: true },
          persistAuth: false,
          defaultOpenAllTags: false,
        });
        """;
}
