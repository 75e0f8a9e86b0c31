using EvalJobs.Domain;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers GET with plain text that nothing may take for anything else.</summary>
internal sealed class TextDispatcher<THandler>(Func<THandler, PageRequest, Task<string>> read) : IDashboardDispatcher
    where THandler : class
{
    public async Task Dispatch(DashboardContext context)
    {
        var request = new PageRequest(context);
        var response = request.Http.Response;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        try
        {
            await response.WriteAsync(await read(ActivatorUtilities.CreateInstance<THandler>(request.Http.RequestServices), request), request.Aborted);
        }
        catch (NotFoundException error)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            await response.WriteAsync(request.Viewer.SeesEverything ? error.Message : "There is no such text.", request.Aborted);
        }
    }
}
