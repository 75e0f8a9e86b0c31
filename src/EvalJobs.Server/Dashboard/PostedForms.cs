using EvalJobs.Server.Access;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace EvalJobs.Server.Dashboard;

/// <summary>Adds pages to the framework's antiforgery check: a form that is rejected, or too large to read, is answered with a page that says why.</summary>
internal static class PostedForms
{
    /// <summary>Bytes of a posted form at most. The web server's own limit is a little higher, but its answer has no explanation.</summary>
    public const int MaxLength = 26 * 1024 * 1024;

    /// <summary>Fields of a posted form at most: a form of a hundred cases has some twenty for each.</summary>
    private const int MaxFields = 4096;

    /// <summary>Sets how large a posted form may be.</summary>
    public static IServiceCollection AddPostedForms(this IServiceCollection services) => services.Configure<FormOptions>(form => form.ValueCountLimit = MaxFields);

    /// <summary>Checks every form posted to an endpoint with <see cref="Metadata"/>.</summary>
    public static void UsePostedForms(this IApplicationBuilder app)
    {
        app.Use(RejectTooLargeAsync);
        app.UseAntiforgery();
        app.Use(ExplainRejectedAsync);
    }

    private static async Task RejectTooLargeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Metadata>() is null || http.Request.ContentLength is not > MaxLength)
        {
            await next(http);
            return;
        }

        // A browser reads the answer only after it has sent the whole form, so the form must not be cut off.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        await NoticeAsync(http, StatusCodes.Status413PayloadTooLarge, $"The form is larger than {MaxLength / (1024 * 1024)} MiB. Split the file, or ask an administrator to import it.");
    }

    private static Task ExplainRejectedAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false } check)
            return next(http);
        // The framework reports a NUL character in a value this way.
        if (check.Error?.InnerException is InvalidDataException { InnerException: InvalidOperationException })
            return NoticeAsync(http, StatusCodes.Status400BadRequest, "A text in the form has a NUL character (U+0000), which cannot be stored. Go back and remove it.");
        return check.Error?.InnerException is InvalidDataException or BadHttpRequestException
            ? NoticeAsync(http, StatusCodes.Status413PayloadTooLarge, "The form has too many fields, or a field that is too long. Go back and send less at a time.")
            : NoticeAsync(http, StatusCodes.Status403Forbidden,
                "The form is out of date, for example because the server was restarted. Go back, copy what you typed, reload the page and send it again.");
    }

    private static Task NoticeAsync(HttpContext http, int status, string message) => AccessPages.NoticeAsync(http, status, "Nothing was changed", message);

    /// <summary>Marks an endpoint that accepts one of our forms.</summary>
    internal sealed class Metadata : IAntiforgeryMetadata
    {
        public bool RequiresValidation => true;
    }
}
