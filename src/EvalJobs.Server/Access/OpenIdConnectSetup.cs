using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EvalJobs.Server.Access;

/// <summary>Sign-in through an OpenID provider: the authorization code flow with PKCE, and the meaning of the id token's claims for this server.</summary>
internal static class OpenIdConnectSetup
{
    private const int LongestName = 100;

    public static void Configure(OpenIdConnectOptions handler, OpenIdConnectSettings settings)
    {
        handler.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        handler.Authority = settings.Authority;
        handler.ClientId = settings.ClientId;
        handler.ClientSecret = settings.ClientSecret;
        handler.CallbackPath = SignInEndpoints.CallbackPath;

        // None: with the framework's path, a link or a picture on another site could sign a user out.
        handler.RemoteSignOutPath = PathString.Empty;
        handler.RequireHttpsMetadata = new Uri(settings.Authority).Scheme == Uri.UriSchemeHttps;

        // A query and not a posted form: the return is then a link, with which browsers send SameSite=Lax cookies.
        handler.ResponseType = OpenIdConnectResponseType.Code;
        handler.ResponseMode = OpenIdConnectResponseMode.Query;
        handler.UsePkce = true;
        handler.NonceCookie.SameSite = SameSiteMode.Lax;
        handler.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        handler.CorrelationCookie.SameSite = SameSiteMode.Lax;
        handler.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;

        handler.MapInboundClaims = false;
        handler.SaveTokens = false;
        handler.Scope.Clear();
        foreach (var scope in settings.Scopes.Prepend("profile").Prepend("openid"))
            handler.Scope.Add(scope);

        handler.Events.OnTokenValidated = async context =>
        {
            // In this flow the handler accepts unsigned tokens, because they come over https from the provider. This server requires https and a signature.
            if (context.SecurityToken.RawSignature is not { Length: > 0 })
                context.Fail("The provider's id token is not signed.");
            else if (ViewerOf(context.Principal!, settings) is { } viewer)
            {
                context.Properties!.RedirectUri = SignInEndpoints.FirstPage(context.HttpContext, context.Properties.RedirectUri, viewer);
                context.Principal = SessionClaims.For(viewer, context.Principal!.FindFirstValue("sub") ?? viewer.Name, settings,
                    await context.HttpContext.RequestServices.GetRequiredService<SessionEnds>().FindStartAsync(context.HttpContext.RequestAborted));
                Logger(context.HttpContext).SignedInWithProvider(viewer.Name, viewer.Role);
            }
            else
            {
                Logger(context.HttpContext).NoRole();
                RedirectToForm(context, context.Properties, SignInError.NoRole);
            }
        };
        handler.Events.OnRemoteFailure = context =>
        {
            Logger(context.HttpContext).ProviderSignInFailed(context.Failure);
            RedirectToForm(context, context.Properties, SignInError.Provider);
            return Task.CompletedTask;
        };
    }

    /// <returns>The person of these claims; null when the claims give no role.</returns>
    internal static Viewer? ViewerOf(ClaimsPrincipal person, OpenIdConnectSettings settings)
    {
        var roles = person.FindAll(settings.RoleClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        var name = person.FindFirstValue(settings.NameClaim) ?? person.FindFirstValue("sub") ?? "";
        var shown = new string([.. name.Where(character => !char.IsControl(character)).Take(LongestName)]).Trim();
        if (shown.Length == 0)
            return null;
        if (roles.Overlaps(settings.ApproverValues))
            return new Viewer(shown, ViewerRole.Approver, TenantsOf(person, settings));
        if (roles.Overlaps(settings.OperatorValues))
            return new Viewer(shown, ViewerRole.Operator, TenantsOf(person, settings));
        return roles.Overlaps(settings.ViewerValues) ? new Viewer(shown, ViewerRole.Viewer, TenantsOf(person, settings)) : null;
    }

    /// <returns>The caller of an access token: a person if it names one, otherwise a program; null when its claims give no role.</returns>
    internal static Viewer? ViewerOfToken(ClaimsPrincipal bearer, OpenIdConnectSettings settings) =>
        ViewerOf(bearer, settings) is { } viewer ? viewer with { Token = bearer.HasClaim(claim => claim.Type == settings.NameClaim) ? TokenHolder.Person : TokenHolder.Program } : null;

    // If a tenant claim is configured and the person does not have it, the person sees no tenant, not every tenant.
    private static HashSet<string>? TenantsOf(ClaimsPrincipal person, OpenIdConnectSettings settings)
    {
        if (settings.TenantClaim is null)
            return null;
        var tenants = person.FindAll(settings.TenantClaim).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal);
        return tenants.Contains(OpenIdConnectSettings.EveryTenant) ? null : tenants;
    }

    private static void RedirectToForm<TOptions>(HandleRequestContext<TOptions> context, AuthenticationProperties? properties, SignInError error)
        where TOptions : AuthenticationSchemeOptions
    {
        context.Response.Redirect(SignInEndpoints.SignInUrl(context.HttpContext, properties?.RedirectUri, error));
        context.HandleResponse();
    }

    private static ILogger Logger(HttpContext http) => http.RequestServices.GetRequiredService<ILogger<AccessGate>>();
}
