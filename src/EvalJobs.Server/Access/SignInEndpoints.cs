using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;

namespace EvalJobs.Server.Access;

/// <summary>The pages for sign-in, account and sign-out.</summary>
internal static class SignInEndpoints
{
    /// <summary>The path of the sign-in form.</summary>
    public const string SignInPath = "/signin";

    /// <summary>The path that redirects to the OpenID provider.</summary>
    public const string ProviderPath = "/signin/provider";

    /// <summary>The path to which the OpenID provider redirects back.</summary>
    public const string CallbackPath = "/signin/callback";

    /// <summary>The path of the account of the signed-in user.</summary>
    public const string AccountPath = "/account";

    /// <summary>The path that ends the session, or every session of the person. The session at the provider stays.</summary>
    public const string SignOutPath = "/signout";

    internal const string ReturnUrlField = "returnUrl";

    /// <summary>The name of the button that ends all sessions of the person.</summary>
    internal const string EverywhereField = "everywhere";

    private const string ErrorField = "error";

    /// <summary>Maps the pages; without sign-in there are none.</summary>
    public static void MapSignIn(this WebApplication app, AccessOptions options)
    {
        if (!options.RequiresSignIn)
            return;
        app.MapGet(SignInPath, ShowAsync).WithMetadata(SignInEndpoint.Instance);
        app.MapPost(SignInPath, SignInAsync).WithMetadata(SignInEndpoint.Instance, new SmallBody());
        app.MapPost(SignOutPath, SignOutAsync).WithMetadata(SignInEndpoint.Instance, new SmallBody());
        app.MapGet(AccountPath, AccountAsync);
        if (options.OpenIdConnect is not null)
            app.MapGet(ProviderPath, ChallengeAsync).WithMetadata(SignInEndpoint.Instance);
    }

    /// <returns>The address of the sign-in form, with the page to return to and the error.</returns>
    internal static string SignInUrl(HttpContext http, string? returnUrl, SignInError error = SignInError.None) =>
        $"{SitePath.Of(http)}{SignInPath}?{ReturnUrlField}={Uri.EscapeDataString(Safe(http, returnUrl))}{(error == SignInError.None ? "" : $"&{ErrorField}={error}")}";

    /// <returns>
    /// The address if it is a path on this server, otherwise the start page, so that no link to this server leads to another one. In ASCII, which a
    /// header requires.
    /// </returns>
    internal static string Safe(HttpContext http, string? returnUrl) =>
        IsOurs(SitePath.Of(http), returnUrl) && returnUrl is ['/', ..] and not ['/', '/' or '\\', ..] && returnUrl.Length <= 2000 && !returnUrl.Any(char.IsControl)
            ? string.Concat(returnUrl.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())))
            : Home(http);

    /// <returns>The start page.</returns>
    internal static string Home(HttpContext http) => $"{SitePath.Of(http)}/";

    /// <returns>The first page after the sign-in. A user who may not see every tenant gets no page of Hangfire, because such a user may not open it.</returns>
    internal static string FirstPage(HttpContext http, string? returnUrl, Viewer? viewer) =>
        viewer is { SeesEverything: false } && new PathString(Safe(http, returnUrl).Split('?')[0]).StartsWithSegments(SitePath.Of(http) + DashboardPaths.Root, StringComparison.OrdinalIgnoreCase, out var rest)
            && !HangfirePages.IsOurs(rest)
            ? Home(http)
            : Safe(http, returnUrl);

    // The same host may serve other applications at other paths.
    private static bool IsOurs(string prefix, string? returnUrl) =>
        returnUrl is not null && returnUrl.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && (returnUrl.Length == prefix.Length || returnUrl[prefix.Length] is '/' or '?');

    private static Task ShowAsync(HttpContext http) => ShowAsync(
        http, StatusCodes.Status200OK, http.Request.Query[ReturnUrlField],
        Enum.TryParse<SignInError>(http.Request.Query[ErrorField], out var error) ? error : SignInError.None);

    private static Task ShowAsync(HttpContext http, int status, string? returnUrl, SignInError error, string name = "")
    {
        var options = http.RequestServices.GetRequiredService<AccessOptions>();
        var tokens = Tokens(http);
        return AccessPages.WriteAsync<SignInPage>(http, status, new(StringComparer.Ordinal)
        {
            [nameof(SignInPage.Message)] = Message(error, options),
            [nameof(SignInPage.Name)] = name.Length <= SignInPage.MaxNameLength ? name : "",
            [nameof(SignInPage.HasUsers)] = options.Users.Count > 0,
            [nameof(SignInPage.ProviderName)] = options.OpenIdConnect?.DisplayName,
            [nameof(SignInPage.ReturnUrl)] = Safe(http, returnUrl),
            [nameof(SignInPage.TokenField)] = tokens.FormFieldName,
            [nameof(SignInPage.Token)] = tokens.RequestToken,
        });
    }

    private static async Task SignInAsync(HttpContext http)
    {
        if (!await IsOwnFormAsync(http))
        {
            await ShowAsync(http, StatusCodes.Status400BadRequest, null, SignInError.StaleForm);
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (principal, error) = await http.RequestServices.GetRequiredService<PasswordSignIn>().TryAsync(
            form["name"].ToString(), form["password"].ToString(), http.Connection.RemoteIpAddress, http.RequestAborted);
        if (principal is null)
        {
            var status = error == SignInError.Wrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status429TooManyRequests;
            await ShowAsync(http, status, form[ReturnUrlField], error, form["name"].ToString());
            return;
        }

        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, principal);
        var viewer = http.RequestServices.GetRequiredService<AccessDirectory>().ViewerOf(principal);
        http.Response.Redirect(FirstPage(http, form[ReturnUrlField], viewer));
    }

    private static async Task SignOutAsync(HttpContext http)
    {
        if (!await IsOwnFormAsync(http))
        {
            await AccessPages.NoticeAsync(http, StatusCodes.Status400BadRequest, "Not signed out", "The form was out of date. Please try again.");
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        await http.RequestServices.GetRequiredService<SessionEnds>().EndAsync(http.User, form.ContainsKey(EverywhereField));
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        http.Response.Redirect(SitePath.Of(http) + SignInPath);
    }

    private static Task AccountAsync(HttpContext http)
    {
        var tokens = Tokens(http);
        return AccessPages.WriteAsync<AccountPage>(http, StatusCodes.Status200OK, new(StringComparer.Ordinal)
        {
            [nameof(AccountPage.Who)] = Viewer.Of(http),
            [nameof(AccountPage.TokenField)] = tokens.FormFieldName,
            [nameof(AccountPage.Token)] = tokens.RequestToken,
        });
    }

    private static async Task ChallengeAsync(HttpContext http, ILogger<AccessGate> logger)
    {
        var returnUrl = Safe(http, http.Request.Query[ReturnUrlField]);
        try
        {
            await http.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, new AuthenticationProperties { RedirectUri = returnUrl });
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or HttpRequestException)
        {
            // The handler first reads the provider's configuration, and throws these exceptions when it cannot.
            logger.ProviderUnreachable(error);
            http.Response.Redirect(SignInUrl(http, returnUrl, SignInError.Provider));
        }
    }

    private static AntiforgeryTokenSet Tokens(HttpContext http) => http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);

    private static async Task<bool> IsOwnFormAsync(HttpContext http)
    {
        try
        {
            return await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            // Larger than any form of this server, or not a form.
            return false;
        }
    }

    private static string? Message(SignInError error, AccessOptions options) => error switch
    {
        SignInError.Wrong => "Incorrect name or password.",
        SignInError.LockedOut => $"Too many failed attempts. Try again in {options.LockOutFor.TotalMinutes:0} minutes.",
        SignInError.Busy => "Too many people are signing in just now. Try again in a moment.",
        SignInError.StaleForm => "The form was out of date. Please try again.",
        SignInError.Provider => $"Sign-in with {options.OpenIdConnect?.DisplayName} failed. The server's log says why.",
        SignInError.NoRole => "Your account has no role on this server. Ask an administrator for one.",
        _ => null,
    };

    private sealed class SmallBody : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 16 * 1024;
    }
}
