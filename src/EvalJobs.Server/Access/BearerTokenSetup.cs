using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace EvalJobs.Server.Access;

/// <summary>Access tokens of the OpenID provider, for programs: <c>Authorization: Bearer eyJ…</c>, in addition to API keys.</summary>
internal static class BearerTokenSetup
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "Token";

    public static void Configure(JwtBearerOptions handler, OpenIdConnectSettings settings)
    {
        handler.Authority = settings.Authority;
        handler.RequireHttpsMetadata = new Uri(settings.Authority).Scheme == Uri.UriSchemeHttps;
        handler.MapInboundClaims = false;
        handler.SaveToken = false;

        // Like the gate, this answer does not say why a token is rejected.
        handler.IncludeErrorDetails = false;
        handler.TokenValidationParameters.ValidAudience = settings.TokenAudience;
        handler.TokenValidationParameters.RequireSignedTokens = true;
        handler.TokenValidationParameters.RequireExpirationTime = true;
        handler.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
    }
}
