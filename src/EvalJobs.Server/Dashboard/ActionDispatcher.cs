using EvalJobs.Domain;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Http.Features;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers a POST that changes something, once <see cref="ActionGate"/> has examined its form.</summary>
/// <remarks>
/// Hangfire hands POSTs to routes like ours unexamined when its own options say so, in read-only mode too: nothing here relies on it.
/// </remarks>
internal sealed class ActionDispatcher<THandler>(Func<THandler, PageRequest, Task<ActionOutcome>> act) : IDashboardDispatcher
    where THandler : class
{
    public async Task Dispatch(DashboardContext context)
    {
        var request = new PageRequest(context);
        if (Refusal(request) is { } refusal)
        {
            await PageRenderer.WritePageAsync(context, request, refusal);
            return;
        }

        request.Form = request.Http.Features.GetRequiredFeature<ExaminedForm>().Fields;
        switch (await ActAsync(request))
        {
            case ActionOutcome.DoneOutcome done:
                done.Message.Leave(request.Http);
                request.Http.Response.Redirect(request.Url(ActionDispatcher.ReturnPath(done.GoTo ?? request.Form[FormField.ReturnTo].ToString())));
                break;
            case ActionOutcome.ConfirmOutcome { Confirmation: var confirmation }:
                await PageRenderer.WritePageAsync(
                    context, request, PageContent.Of<ConfirmView, Confirmation>(confirmation.Question, confirmation));
                break;
            case ActionOutcome.ShowOutcome show:
                await PageRenderer.WritePageAsync(context, request, show.Content);
                break;
        }
    }

    private async Task<ActionOutcome> ActAsync(PageRequest request)
    {
        try
        {
            return await act(ActivatorUtilities.CreateInstance<THandler>(request.Http.RequestServices), request);
        }
        catch (NotFoundException) when (!request.Viewer.SeesEverything)
        {
            return ActionOutcome.Done(new FlashMessage("There is no such thing.", IsRefusal: true));
        }
        catch (RefusedException error)
        {
            return ActionOutcome.Done(new FlashMessage(error.Message, IsRefusal: true));
        }
    }

    private static PageContent? Refusal(PageRequest request)
    {
        if (!HttpMethods.IsPost(request.Http.Request.Method))
        {
            request.Http.Response.Headers.Allow = "POST";
            return Refuse("This address only takes what its button posts.", StatusCodes.Status405MethodNotAllowed);
        }

        if (request.Http.Features.Get<ExaminedForm>() is null)
            return Refuse("The form has not been examined.", StatusCodes.Status403Forbidden);
        return request.CanAct
            ? null
            : Refuse("You may look at this dashboard, but not change anything.", StatusCodes.Status403Forbidden);
    }

    private static PageContent Refuse(string reason, int status) => PageContent.Of<NoticeView, string>("Refused", reason, status);
}

/// <summary>What the action mechanism decides without knowing the action.</summary>
internal static class ActionDispatcher
{
    private const string Home = "/evaluations";

    /// <returns>The path when it is one of our own pages, else the overview: a form cannot send the browser elsewhere.</returns>
    public static string ReturnPath(string? path) =>
        path is not null && (path == Home || path.StartsWith($"{Home}/", StringComparison.Ordinal) || path.StartsWith($"{Home}?", StringComparison.Ordinal))
        && !path.StartsWith($"{Home}/actions/", StringComparison.Ordinal) && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal)
            ? path
            : Home;
}
