using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace EvalJobs.Server.Dashboard;

/// <summary>What an action did, told on the next page.</summary>
/// <param name="Text">A sentence, as plain text.</param>
/// <param name="IsRefusal">Whether it says why something was not done.</param>
/// <param name="LinkPath">Where to see what came of it, as a dashboard path.</param>
/// <param name="LinkText">The link's words.</param>
public sealed record FlashMessage(string Text, bool IsRefusal = false, string? LinkPath = null, string? LinkText = null)
{
    private const string Cookie = "evaljobs-message";

    /// <summary>Bytes of text at most: browsers drop a cookie above 4,096 bytes, and protecting one makes it a good third longer.</summary>
    private const int MostBytes = 2000;

    /// <summary>Nothing here is read as HTML, and six bytes for every letter beyond ASCII would soon fill the cookie.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>Hands the message to the next page. A protected cookie: nobody else can put words there, and it ends by itself.</summary>
    internal void Leave(HttpContext http)
    {
        var message = this with { Text = Cut(Text) };
        http.Response.Cookies.Append(Cookie, Protector(http).Protect(JsonSerializer.Serialize(message, Json), Lifetime), Options(http));
    }

    /// <returns>The message left for this page, which is told once; null when there is none.</returns>
    internal static FlashMessage? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { } text)
            return null;

        http.Response.Cookies.Delete(Cookie, Options(http));
        try
        {
            return JsonSerializer.Deserialize<FlashMessage>(Protector(http).Unprotect(text));
        }
        catch (CryptographicException)
        {
            // Too old, forged, or protected by a key of another life: there is nothing to tell.
            return null;
        }
    }

    private static string Cut(string text)
    {
        var (at, bytes) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += Encoding.UTF8.GetByteCount(Json.Encoder!.Encode(rune.ToString()));
            if (bytes > MostBytes)
                return $"{text[..at]}…";
            at += rune.Utf16SequenceLength;
        }

        return text;
    }

    private static ITimeLimitedDataProtector Protector(HttpContext http) =>
        http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector(Cookie).ToTimeLimitedDataProtector();

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = http.Request.PathBase.HasValue ? http.Request.PathBase.Value : "/",
        MaxAge = Lifetime,
        IsEssential = true,
    };
}
