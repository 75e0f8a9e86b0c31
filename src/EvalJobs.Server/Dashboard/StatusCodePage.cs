using EvalJobs.Server.Access;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard;

/// <summary>Adds a page for browsers to answers that are only a status, such as 404 for an unknown address. Programs get only the status.</summary>
internal static class StatusCodePage
{
    /// <summary>Writes the page, unless something was written already.</summary>
    public static Task ExplainAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound when IsBare(http) => AccessPages.NoticeAsync(http, StatusCodes.Status404NotFound, "Not found", "There is no page at this address."),
        StatusCodes.Status405MethodNotAllowed when IsBare(http) => AccessPages.NoticeAsync(
            http, StatusCodes.Status405MethodNotAllowed, "Not possible", "This address accepts only forms; it has no page."),
        _ => Task.CompletedTask,
    };

    private static bool IsBare(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        return !response.HasStarted && response is { ContentType: null, ContentLength: null } && !ApiPaths.Covers(request.Path)
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
