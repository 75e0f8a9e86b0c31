using EvalJobs.Server.Access;
using EvalJobs.Server.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace EvalJobs.Server.Dashboard;

/// <summary>Stands before every action: takes the posted form in as an <see cref="ExaminedForm"/>, or says on a page why not.</summary>
/// <remarks>Before Hangfire, which answers a form whose token no longer fits, or which is too large to read, without a word.</remarks>
internal sealed class ActionGate(RequestDelegate next, IAntiforgery antiforgery)
{
    /// <summary>Bytes of a posted form at most; the web server's own limit is a little higher and explains nothing.</summary>
    public const int LargestForm = 26 * 1024 * 1024;

    private const string Actions = $"{HangfireSetup.DashboardPath}/evaluations/actions";

    private static readonly (int Status, string Message) TooLarge = (
        StatusCodes.Status413PayloadTooLarge,
        $"The form is larger than {LargestForm / (1024 * 1024)} MiB. The command 'suite import' takes files of any size.");

    /// <summary>Lets the request through or answers it.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Path.StartsWithSegments(Actions, StringComparison.OrdinalIgnoreCase))
            await next(http);
        else if (await RefusalAsync(http) is { } refusal)
            await AccessPages.NoticeAsync(http, refusal.Status, "Nothing was changed", refusal.Message);
        else
            await next(http);
    }

    /// <returns>Whether the browser says, or does not deny, that one of our own pages sent the request.</returns>
    /// <remarks>The browser's own judgement first: behind a proxy that rewrites the host it is the only one that fits.</remarks>
    internal static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is "same-origin" or "none";

        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var sender)
                && string.Equals(sender.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private async Task<(int Status, string Message)?> RefusalAsync(HttpContext http)
    {
        if (http.Request.ContentLength > LargestForm)
        {
            // A browser reads no answer before it has sent the form: the rest of it must not be cut off.
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = null;
            return TooLarge;
        }

        if (!http.Request.HasFormContentType)
            return (StatusCodes.Status415UnsupportedMediaType, "This address only takes a form.");
        if (!IsSameOrigin(http.Request))
            return (StatusCodes.Status403Forbidden, "The form came from another site.");
        IFormCollection fields;
        try
        {
            fields = await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge;
        }
        catch (InvalidDataException)
        {
            return (StatusCodes.Status413PayloadTooLarge, "The form has more fields, or a longer one, than this server takes. Go back and send less at a time.");
        }

        if (!await antiforgery.IsRequestValidAsync(http))
        {
            return (StatusCodes.Status403Forbidden,
                "The form is out of date, such as after a restart. Go back, keep a copy of what you typed, reload the page and send it again.");
        }

        http.Features.Set(new ExaminedForm(fields));
        return null;
    }
}

/// <summary>A form that came from one of our own pages and is of a size we take.</summary>
/// <param name="Fields">What was posted.</param>
internal sealed record ExaminedForm(IFormCollection Fields);
