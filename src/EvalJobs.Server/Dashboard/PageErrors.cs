using System.Data.Common;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard.Forms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers errors of our endpoints with a page. An action that was not possible returns to its page, which says why.</summary>
internal sealed partial class PageErrors(ILogger<PageErrors> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.RequestServices.GetRequiredService<PageRequest>();
        try
        {
            var answer = await next(context);
            return request.QueryErrors.Count == 0 || HttpMethods.IsPost(request.Http.Request.Method) ? answer : OfQuery(request, answer);
        }
        catch (NotFoundException error)
        {
            // A user who may see only some tenants must not learn which others exist.
            return request.Viewer.SeesEverything
                ? Page.Notice("Not found", error.Message, StatusCodes.Status404NotFound, error.Remedies)
                : Page.Notice("Not found", "This page does not exist.", StatusCodes.Status404NotFound);
        }
        catch (NotAllowedException error) when (HttpMethods.IsPost(request.Http.Request.Method))
        {
            var page = PageOfAction(request.Path);
            return request.Done(page, error.Remedies.Select(RemedyLink.Of).FirstOrDefault(link => link is not null && link.Value.Path != page) is var (path, words)
                ? new StatusMessage(FormWords.Of(error.Message), IsError: true, path, words)
                : new StatusMessage(FormWords.Of(error.Message), IsError: true));
        }
        catch (NotAllowedException error)
        {
            return Page.Notice("Not possible", error.Message, StatusCodes.Status400BadRequest, error.Remedies);
        }
        catch (DbException error)
        {
            LogDatabaseError(error, request.Path);
            return Page.Notice(
                "The database did not answer", "The page could not be read; the server's log says why. Try again in a moment.", StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <returns>The page itself if it shows the errors of its query; otherwise, and in place of a file, a page with the errors.</returns>
    private static object OfQuery(PageRequest request, object? answer)
    {
        if (answer is not RazorComponentResult page || !typeof(IShowsQueryErrors).IsAssignableFrom(page.ComponentType))
            return Page.Notice("Not possible", string.Join(' ', request.QueryErrors), StatusCodes.Status400BadRequest);
        page.StatusCode = StatusCodes.Status400BadRequest;
        return page;
    }

    /// <returns>The page an action belongs to: its address without the last segment.</returns>
    internal static string PageOfAction(string path) => path[..path.LastIndexOf('/')];

    [LoggerMessage(6001, LogLevel.Error, "The page {Path} could not be read from the database")]
    private partial void LogDatabaseError(Exception error, string path);
}
