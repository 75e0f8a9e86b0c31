using System.Data.Common;
using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers errors of our endpoints with a page. An action that was not possible leads back to its page, which says why.</summary>
internal sealed partial class PageErrors(ILogger<PageErrors> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.RequestServices.GetRequiredService<PageRequest>();
        try
        {
            return await next(context);
        }
        catch (NotFoundException error)
        {
            // Someone confined to some tenants must not learn which others exist.
            return Page.Notice("Not found", request.Viewer.SeesEverything ? error.Message : "There is no such page.", StatusCodes.Status404NotFound);
        }
        catch (NotAllowedException error) when (HttpMethods.IsPost(request.Http.Request.Method))
        {
            return request.Done(PageOfAction(request.Path), new StatusMessage(error.Message, IsError: true));
        }
        catch (NotAllowedException error)
        {
            return Page.Notice("Not possible", error.Message, StatusCodes.Status400BadRequest);
        }
        catch (DbException error)
        {
            LogDatabaseError(error, request.Path);
            return Page.Notice(
                "The database did not answer", "The page could not be read; the server's log says why. Try again in a moment.", StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <returns>The page an action belongs to: its address without the last segment.</returns>
    internal static string PageOfAction(string path) => path[..path.LastIndexOf('/')];

    [LoggerMessage(6001, LogLevel.Error, "The page {Path} could not be read from the database")]
    private partial void LogDatabaseError(Exception error, string path);
}
