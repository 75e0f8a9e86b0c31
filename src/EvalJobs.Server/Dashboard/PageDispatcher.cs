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
            return PageContent.Of<NoticeView, string>("Not found", error.Message, StatusCodes.Status404NotFound);
        }
        catch (RefusedException error)
        {
            return PageContent.Of<NoticeView, string>("Not possible", error.Message, StatusCodes.Status400BadRequest);
        }
    }
}
