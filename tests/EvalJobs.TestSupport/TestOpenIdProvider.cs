using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EvalJobs.Tests.Support;

/// <summary>
/// A small real OpenID provider on loopback: discovery, authorization code with PKCE, signed id tokens, keys. It has one user, who has
/// always just signed in. The test sets the user's claims and can make tokens invalid.
/// </summary>
public sealed class TestOpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "evaljobs";

    /// <summary>The audience of access tokens for the API.</summary>
    public const string Audience = "https://evals.example";

    private readonly WebApplication _app;
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "one" };
    private readonly ConcurrentDictionary<string, IQueryCollection> _codes = new(StringComparer.Ordinal);

    private TestOpenIdProvider(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public string ClientSecret { get; } = Guid.NewGuid().ToString();

    /// <summary>The claims of the id token in addition to issuer, audience, nonce and times.</summary>
    public Dictionary<string, object> Claims { get; } = new(StringComparer.Ordinal) { ["sub"] = "248289761001", ["preferred_username"] = "alice" };

    /// <summary>Changes the next id tokens before they are signed.</summary>
    public Action<SecurityTokenDescriptor> ChangeToken { get; set; } = _ => { };

    /// <summary>Whether the user denies the request.</summary>
    public bool DeniesAccess { get; set; }

    public static async Task<TestOpenIdProvider> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var provider = new TestOpenIdProvider(builder.Build());
        provider._app.UseRouting();
        provider._app.MapGet("/.well-known/openid-configuration", provider.Discover);
        provider._app.MapGet("/jwks", () => Results.Json(new { keys = new[] { PublicKey(provider._key) } }));
        provider._app.MapGet("/authorize", provider.Authorize);
        provider._app.MapPost("/token", provider.TokenAsync);
        await provider._app.StartAsync();
        return provider;
    }

    /// <summary>The server's settings for this provider.</summary>
    public (string Name, string Value)[] Settings(params (string Name, string Value)[] more) =>
    [
        ("Dashboard:OpenIdConnect:Authority", Url), ("Dashboard:OpenIdConnect:ClientId", ClientId), ("Dashboard:OpenIdConnect:ClientSecret", ClientSecret),
        ("Dashboard:OpenIdConnect:OperatorValues:0", "ops"), ("Dashboard:OpenIdConnect:ViewerValues:0", "staff"),
        .. more.Select(setting => ($"Dashboard:OpenIdConnect:{setting.Name}", setting.Value)),
    ];

    /// <summary>An access token with <see cref="Claims"/>, as the provider gives one to a program. <paramref name="change"/> changes it before it is signed.</summary>
    public string AccessToken(Action<SecurityTokenDescriptor>? change = null)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = Audience,
            Claims = new Dictionary<string, object>(Claims, StringComparer.Ordinal),
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Rsa.Dispose();
    }

    private static object PublicKey(RsaSecurityKey key)
    {
        var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", alg = "RS256", kid = key.KeyId, n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) };
    }

    private IResult Discover() => Results.Text($$"""
        {
          "issuer": "{{Url}}",
          "authorization_endpoint": "{{Url}}/authorize",
          "token_endpoint": "{{Url}}/token",
          "jwks_uri": "{{Url}}/jwks",
          "response_types_supported": ["code"],
          "subject_types_supported": ["public"],
          "id_token_signing_alg_values_supported": ["RS256"]
        }
        """, "application/json");

    private IResult Authorize(HttpRequest request)
    {
        var query = request.Query;
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !$"{query["scope"]}".Split(' ').Contains("openid"))
            return Results.BadRequest();

        var code = Guid.NewGuid().ToString();
        _codes[code] = query;
        return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"]!, new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [DeniesAccess ? "error" : "code"] = DeniesAccess ? "access_denied" : code,
            ["state"] = query["state"],
        }));
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!_codes.TryRemove($"{form["code"]}", out var asked)
            || form["client_secret"] != ClientSecret
            || form["redirect_uri"] != asked["redirect_uri"]
            || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes($"{form["code_verifier"]}"))) != asked["code_challenge"])
            return Results.BadRequest(new { error = "invalid_grant" });

        var token = new SecurityTokenDescriptor
        {
            Issuer = Url,
            Audience = ClientId,
            Claims = new Dictionary<string, object>(Claims, StringComparer.Ordinal) { ["nonce"] = $"{asked["nonce"]}" },
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        ChangeToken(token);
        return Results.Json(new { access_token = "opaque", token_type = "Bearer", expires_in = 300, id_token = new JsonWebTokenHandler().CreateToken(token) });
    }
}
