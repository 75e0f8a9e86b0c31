using System.Data.Common;
using EvalJobs.Domain;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers GET with a page, or with a fragment of one.</summary>
/// <typeparam name="THandler">Made anew for each request, from the services of the server asked.</typeparam>
internal sealed class PageDispatcher<THandler>(Func<THandler, PageRequest, Task<PageContent>> show, bool isFragment) : IDashboardDispatcher
    where THandler : class
{
    public async Task Dispatch(DashboardContext context)
    {
        var request = new PageRequest(context);
        if (!HttpMethods.IsGet(request.Http.Request.Method) && !HttpMethods.IsHead(request.Http.Request.Method))
        {
            request.Http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            request.Http.Response.Headers.Allow = "GET, HEAD";
            return;
        }

        var content = await ContentAsync(request);
        if (isFragment)
            await PageRenderer.WriteFragmentAsync(request, content);
        else
            await PageRenderer.WritePageAsync(context, request, content);
    }

    private async Task<PageContent> ContentAsync(PageRequest request)
    {
        try
        {
            return await show(ActivatorUtilities.CreateInstance<THandler>(request.Http.RequestServices), request);
        }
        catch (NotFoundException error)
        {
            // Someone confined to some tenants must not learn which others exist.
            return PageContent.Of<NoticeView, string>(
                "Not found", request.Viewer.SeesEverything ? error.Message : "There is no such page.", StatusCodes.Status404NotFound);
        }
        catch (RefusedException error)
        {
            return PageContent.Of<NoticeView, string>("Not possible", error.Message, StatusCodes.Status400BadRequest);
        }
        catch (DbException error)
        {
            request.Http.RequestServices.GetRequiredService<ILogger<PageDispatcher<THandler>>>().LogError(error, "The page {Path} could not be read", request.Here);
            return PageContent.Of<NoticeView, string>(
                "The database did not answer", "The page could not be read; the server's log says why. Try again in a moment.", StatusCodes.Status503ServiceUnavailable);
        }
    }
}
