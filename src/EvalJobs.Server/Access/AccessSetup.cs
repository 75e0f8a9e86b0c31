using EvalJobs.Data;
using EvalJobs.DependencyInjection;
using EvalJobs.Domain;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;

namespace EvalJobs.Server.Access;

/// <summary>Registers everything for access: the addresses to listen on, proxies, sign-in, the gate and the headers.</summary>
internal static class AccessSetup
{
    /// <summary>The session's cookie.</summary>
    public const string SessionCookie = "evaljobs-session";

    /// <summary>The cookie for the antiforgery tokens of the forms.</summary>
    public const string AntiforgeryCookie = "evaljobs-antiforgery";

    /// <summary>Connections at most; further ones are closed at once.</summary>
    public const int MaxConnections = 2000;

    /// <summary>Adds sign-in as configured.</summary>
    /// <exception cref="InvalidInputException">Other machines could use the server without sign-in; the message says what to do.</exception>
    public static AccessOptions AddAccess(this WebApplicationBuilder builder)
    {
        var options = SettingsReader.Read<AccessOptions>(builder.Configuration, AccessOptions.Section);
        EnsureOwnForwarding(builder.Configuration);
        var addresses = BindAddresses.Of(builder.Configuration);
        BindAddresses.EnsureAllowed(addresses, options);
        if (addresses is [BindAddresses.Default])
            builder.WebHost.UseUrls(BindAddresses.Default);

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Anyone can open connections without sign-in, and each connection costs memory and a file handle.
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = MaxConnections / 10;
        });

        builder.Services.AddSingleton<AccessDirectory>();
        builder.Services.AddSingleton<ApiKeyDirectory>();
        builder.Services.AddSingleton<ApiKeyUse>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ApiKeyUse>());
        builder.Services.AddSingleton<ApiGate>();
        builder.Services.AddSingleton<SignOutRepository>();
        builder.Services.AddSingleton<SessionEnds>();
        builder.Services.AddSingleton<SignInThrottle>();
        builder.Services.AddSingleton<PasswordSignIn>();

        var keys = builder.Services.AddDataProtection().SetApplicationName("EvalJobs");
        if (options.KeyFolder is { } folder)
            keys.PersistKeysToFileSystem(KeyFolder.Prepare(folder));

        // Hangfire's dashboard rejects POST requests of other sites only if the framework's antiforgery is registered.
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = AntiforgeryCookie;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });

        builder.Services.Configure<ForwardedHeadersOptions>(forwarded => ConfigureForwardedHeaders(forwarded, options));
        AddSignIn(builder.Services, options);
        return options;
    }

    /// <summary>Adds the gate before all endpoints; call it before the dashboard is mapped.</summary>
    public static void UseAccess(this WebApplication app, AccessOptions options)
    {
        HangfirePages.AdaptOnce();
        app.UseMiddleware<SitePath>();
        if (options.KnownProxies.Count > 0)
            app.UseForwardedHeaders();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(failed => failed.Run(http => ApiPaths.Covers(http.Request.Path)
            ? ApiProblem.Unexpected().WriteAsync(http)
            : AccessPages.NoticeAsync(http, StatusCodes.Status500InternalServerError, "Unexpected error",
                $"It is not known whether something was changed. Try again in a moment. If the error stays, an administrator finds its cause in the server's log under the trace id {ApiProblem.TraceIdOf(http)}.")));
        app.UseMiddleware<HeadRequest>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<AccessGate>();
        app.UseMiddleware<HangfireCommandTrail>();
        app.UseMiddleware<HangfireIcon>();
        app.MapSignIn(options);
    }

    private static void ConfigureForwardedHeaders(ForwardedHeadersOptions forwarded, AccessOptions options)
    {
        // Not the host: with a proxy that only passes this header on, the client could choose it.
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in options.ProxyNetworks)
            forwarded.KnownIPNetworks.Add(network);

        // Any number of known proxies in a row is accepted. The first unknown address is the client.
        forwarded.ForwardLimit = null;
    }

    private static void AddSignIn(IServiceCollection services, AccessOptions options)
    {
        var authentication = services
            .AddAuthentication(options.RequiresSignIn ? CookieAuthenticationDefaults.AuthenticationScheme : ApiKeyAuthentication.Name)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.Name, null);
        if (!options.RequiresSignIn)
            return;
        authentication.AddCookie(cookie =>
        {
            cookie.Cookie.Name = SessionCookie;
            cookie.Cookie.HttpOnly = true;

            // Lax, because the redirect back from an OpenID provider comes from another site. The gate rejects plain http except on loopback.
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = options.SessionLifetime;
            cookie.SlidingExpiration = false;
        });
        if (options.OpenIdConnect is not { } provider)
            return;
        authentication.AddOpenIdConnect(handler => OpenIdConnectSetup.Configure(handler, provider));
        if (provider.TokenAudience is not null)
            authentication.AddJwtBearer(BearerTokenSetup.Name, handler => BearerTokenSetup.Configure(handler, provider));
    }

    /// <summary>The framework's own setting would trust the forwarded headers of every client.</summary>
    private static void EnsureOwnForwarding(IConfiguration configuration)
    {
        if (string.Equals(configuration["FORWARDEDHEADERS_ENABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidInputException(
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED trusts the forwarded headers of anyone. "
                + $"Remove it and name your proxies in {AccessOptions.Section}:KnownProxies.");
        }
    }
}
