using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace EvalJobs.Server.Dashboard;

/// <summary>The message of an action, shown once on the next page. It is stored in the framework's temporary data, a protected cookie.</summary>
/// <param name="Text">A sentence, as plain text.</param>
/// <param name="IsError">Whether it says why something was not done.</param>
/// <param name="LinkPath">Where to see the result, as a dashboard path.</param>
/// <param name="LinkText">The link's words.</param>
internal sealed record StatusMessage(string Text, bool IsError = false, string? LinkPath = null, string? LinkText = null)
{
    /// <summary>Characters at most: the cookie travels in the headers of the next request, which are limited.</summary>
    private const int MaxLength = 2000;

    /// <summary>Keeps the message for the next page.</summary>
    internal void Store(HttpContext http)
    {
        var data = Data(http);
        data[nameof(Text)] = DisplayText.Excerpt(Text, MaxLength);
        data[nameof(IsError)] = IsError;
        data[nameof(LinkPath)] = LinkPath;
        data[nameof(LinkText)] = LinkText;
        data.Save();
    }

    /// <returns>The message stored for this page; null when there is none. It is shown once.</returns>
    internal static StatusMessage? Take(HttpContext http)
    {
        var data = Data(http);
        if (data[nameof(Text)] is not string text)
            return null;

        var message = new StatusMessage(text, data[nameof(IsError)] is true, data[nameof(LinkPath)] as string, data[nameof(LinkText)] as string);
        data.Save();
        return message;
    }

    private static ITempDataDictionary Data(HttpContext http) => http.RequestServices.GetRequiredService<ITempDataDictionaryFactory>().GetTempData(http);
}
