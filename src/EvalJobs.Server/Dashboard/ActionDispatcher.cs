using EvalJobs.Domain;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Antiforgery;

namespace EvalJobs.Server.Dashboard;

/// <summary>Answers a POST that changes something. What every action needs is checked here, once.</summary>
/// <remarks>
/// Hangfire hands POSTs to routes like ours unexamined when its own options say so, in read-only mode too: nothing here relies on it.
/// </remarks>
internal sealed class ActionDispatcher<THandler>(Func<THandler, PageRequest, Task<ActionOutcome>> act) : IDashboardDispatcher
    where THandler : class
{
    public async Task Dispatch(DashboardContext context)
    {
        var request = new PageRequest(context);
        if (await RefusalAsync(request) is { } refusal)
        {
            await PageRenderer.WritePageAsync(context, request, refusal);
            return;
        }

        request.Form = await request.Http.Request.ReadFormAsync(request.Aborted);
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

    private static async Task<PageContent?> RefusalAsync(PageRequest request)
    {
        var http = request.Http;
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = "POST";
            return Refuse("This address only takes what its button posts.", StatusCodes.Status405MethodNotAllowed);
        }

        if (http.Request.ContentLength > ActionDispatcher.LargestForm)
        {
            return Refuse(
                $"The form is larger than {ActionDispatcher.LargestForm / (1024 * 1024)} MiB. The command 'suite import' takes files of any size.",
                StatusCodes.Status413PayloadTooLarge);
        }

        if (!http.Request.HasFormContentType)
            return Refuse("This address only takes a form.", StatusCodes.Status415UnsupportedMediaType);
        if (!ActionDispatcher.IsSameOrigin(http.Request))
            return Refuse("The form came from another site.", StatusCodes.Status403Forbidden);
        if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
            return Refuse("The form is too old or not ours. Go back, reload the page and try again.", StatusCodes.Status403Forbidden);
        return request.CanAct
            ? null
            : Refuse("You may look at this dashboard, but not change anything.", StatusCodes.Status403Forbidden);
    }

    private static PageContent Refuse(string reason, int status) => PageContent.Of<NoticeView, string>("Refused", reason, status);
}

/// <summary>What the action mechanism decides without knowing the action.</summary>
internal static class ActionDispatcher
{
    /// <summary>Bytes of a posted form at most; the web server's own limit is a little higher and explains nothing.</summary>
    public const int LargestForm = 26 * 1024 * 1024;

    private const string Home = "/evaluations";

    /// <returns>Whether the browser says, or does not deny, that one of our own pages sent the request.</returns>
    /// <remarks>The browser's own judgement first: behind a proxy that rewrites the host it is the only one that fits.</remarks>
    public static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is "same-origin" or "none";

        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var sender)
                && string.Equals(sender.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    /// <returns>The path when it is one of our own pages, else the overview: a form cannot send the browser elsewhere.</returns>
    public static string ReturnPath(string? path) =>
        path is not null && (path == Home || path.StartsWith($"{Home}/", StringComparison.Ordinal) || path.StartsWith($"{Home}?", StringComparison.Ordinal))
        && !path.StartsWith($"{Home}/actions/", StringComparison.Ordinal) && !path.Any(char.IsControl) && !path.Contains('\\', StringComparison.Ordinal)
            ? path
            : Home;
}
